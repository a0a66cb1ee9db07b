"""Reads changes from the database and offers them to the clients that are connected to this process."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Protocol, TypeVar

from service_kit.telemetry.logs import get_logger

from notification_service.live.rooms import Rooms
from notification_service.live.subscriber import RESUME, Subscriber
from notification_service.store.live_events import LiveEvent, Reading, TooOld

Result = TypeVar("Result")
MAX_PAUSE_SECONDS = 1.0
QUIET_SECONDS = 1.0
"""The pause between two looks while the database notifies of each change: a notification that is lost delays it so."""
log = get_logger(__name__)


class DatabaseDown(Exception):
    """The database doesn't answer; the cause says why."""


async def ask(function: Callable[..., Result], *arguments: object) -> Result:
    """Call a function of the database in a thread; raise DatabaseDown, and TooOld as it is."""
    try:
        return await asyncio.to_thread(function, *arguments)
    except TooOld:
        raise
    except Exception as error:
        raise DatabaseDown from error


class Source(Protocol):
    """The stored changes. The calls block, so the hub makes them in threads."""

    def snapshot(self) -> str:
        """Return the snapshot of this moment."""

    def read(self, companies: Sequence[int], before: str) -> Reading:
        """Return the companies' changes that a snapshot did not show; raise TooOld."""

    def replay(self, company_id: int, mark: int) -> Reading:
        """Return a company's changes from a client's mark on; raise TooOld."""


class Hub:
    """The connected clients by company. All methods run in one event loop.

    For each company with clients it keeps the snapshot of its last look. While the database is away clients stay, at
    most `silence_seconds`; then they are sent away, because they would take silence for calm.

    `poll_seconds` is the shortest pause between two looks at the database, and the pause where it does not notify.
    """

    def __init__(
        self, source: Source, *, poll_seconds: float, silence_seconds: float, quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._source = source
        self._poll_seconds, self._silence_seconds = poll_seconds, silence_seconds
        self._quiet_seconds = max(quiet_seconds, poll_seconds)
        self._companies: dict[int, Rooms] = {}
        self._snapshot: str | None = None
        """That of the last look, with which a further company begins."""
        self._failing_since: float | None = None
        self._awake, self._changed = asyncio.Event(), asyncio.Event()
        self.is_notified = False
        """Whether the database notifies of stored changes at the moment."""
        self.draining = False

    @property
    def healthy(self) -> bool:
        """Return whether the last look at the database succeeded."""
        return self._failing_since is None

    def __len__(self) -> int:
        return sum(map(len, self._companies.values()))

    def notify(self) -> None:
        """Look at the database soon: something was stored."""
        self._changed.set()

    async def add(self, subscriber: Subscriber, cursor: int | None) -> Sequence[LiveEvent]:
        """Add a client; return what it missed since its cursor. Raises TooOld where that is not known any more.

        The client is then added nevertheless, and reads everything anew. Raises DatabaseDown, which leaves it out.
        """
        company = subscriber.viewer.company_id
        if company not in self._companies:
            snapshot = self._snapshot or await ask(self._source.snapshot)
            self._companies.setdefault(company, Rooms(snapshot))
        rooms = self._companies[company]
        rooms.add(subscriber)
        self._awake.set()
        if cursor is None:
            return []
        try:
            reading = await ask(self._source.replay, company, cursor)
        except DatabaseDown:
            self.remove(subscriber)
            raise
        rooms.skip(subscriber, reading.events)
        subscriber.resume_at(reading.mark)
        return [event for event in reading.events if subscriber.wants(event.change)]

    def remove(self, subscriber: Subscriber) -> None:
        """Remove a client."""
        company = subscriber.viewer.company_id
        rooms = self._companies.get(company)
        if rooms is not None:
            rooms.remove(subscriber)
            if not len(rooms):
                del self._companies[company]
                if not self._companies:
                    self._snapshot = None

    def end(self, code: str, connections: Collection[str] | None = None) -> int:
        """Send clients away, those of some connections or all; return how many."""
        everybody = [each for rooms in self._companies.values() for each in rooms]
        ended = [each for each in everybody if connections is None or each.connection in connections]
        for subscriber in ended:
            subscriber.end(code)
        return len(ended)

    async def run(self) -> None:
        """Look at the database again and again while somebody is connected, until the task is cancelled."""
        pause = self._poll_seconds
        while True:
            if not self._companies:
                self._awake.clear()
                await self._awake.wait()
            self._changed.clear()
            try:
                await self.poll()
            except DatabaseDown as error:
                pause = min(pause * 2, MAX_PAUSE_SECONDS)
                self._failed(error)
            else:
                pause, self._failing_since = self._poll_seconds, None
            await asyncio.sleep(pause)
            if self.is_notified and self.healthy:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), self._quiet_seconds - self._poll_seconds)

    async def poll(self) -> None:
        """Read what is new and offer it. One query serves all companies but those that came during the last one."""
        by_snapshot: defaultdict[str, dict[int, Rooms]] = defaultdict(dict)
        for company, rooms in sorted(self._companies.items()):
            by_snapshot[rooms.snapshot][company] = rooms
        for snapshot, companies in by_snapshot.items():
            await self._read(snapshot, companies)

    async def _read(self, snapshot: str, companies: Mapping[int, Rooms]) -> None:
        try:
            reading = await ask(self._source.read, list(companies), snapshot)
        except TooOld:
            # Far too many at once, or another database: the clients come back and read everything anew.
            log.warning("changes can't be read on; clients are asked to read everything anew")
            self._snapshot = None
            for company, rooms in companies.items():
                for subscriber in rooms:
                    subscriber.end(RESUME)
                if self._companies.get(company) is rooms:
                    del self._companies[company]
            return
        by_company: defaultdict[int, list[LiveEvent]] = defaultdict(list)
        for event in reading.events:
            by_company[event.change.company_id].append(event)
        for company, rooms in companies.items():
            rooms.offer(by_company[company], reading.snapshot)
        if self._companies:
            self._snapshot = reading.snapshot

    def _failed(self, error: DatabaseDown) -> None:
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
            log.warning("changes can't be read", error=type(error.__cause__).__name__)
        elif now - self._failing_since > self._silence_seconds:
            self.end("unavailable")
