"""Reads changes from the database and offers them to the clients that are connected to this process."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from service_kit.telemetry.logs import get_logger

from notification_service.live.subscriber import RESUME, Subscriber
from notification_service.store.live_events import LiveEvent, Reading, TooOld

Result = TypeVar("Result")
MAX_PAUSE_SECONDS = 1.0
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

    def mark(self) -> int:
        """Return the mark of this moment."""

    def read(self, companies: Sequence[int], mark: int) -> Reading:
        """Return the companies' changes from a mark on; raise TooOld."""

    def replay(self, company_id: int, mark: int) -> Reading:
        """Return a company's changes from a client's mark on; raise TooOld."""


class Hub:
    """The connected clients by company. All methods run in one event loop.

    For each company with clients it keeps the mark up to which everything was read. While the database is away clients
    stay, at most `silence_seconds`; then they are sent away, because they would take silence for calm.
    """

    def __init__(self, source: Source, *, poll_seconds: float, silence_seconds: float) -> None:
        self._source = source
        self._poll_seconds, self._silence_seconds = poll_seconds, silence_seconds
        self._subscribers: defaultdict[int, dict[Subscriber, None]] = defaultdict(dict)
        self._marks: dict[int, int] = {}
        self._delivered: frozenset[int] = frozenset()
        self._failing_since: float | None = None
        self._awake = asyncio.Event()
        self.draining = False

    @property
    def healthy(self) -> bool:
        """Return whether the last look at the database succeeded."""
        return self._failing_since is None

    def __len__(self) -> int:
        return sum(map(len, self._subscribers.values()))

    async def add(self, subscriber: Subscriber, cursor: int | None) -> Sequence[LiveEvent]:
        """Add a client; return what it missed since its cursor. Raises TooOld where that is not known any more.

        The client is then added nevertheless, and reads everything anew. Raises DatabaseDown, which leaves it out.
        """
        company = subscriber.viewer.company_id
        if company not in self._marks:
            mark = await ask(self._source.mark)
            self._marks.setdefault(company, mark)
        subscriber.cursor = self._marks[company]
        self._subscribers[company][subscriber] = None
        self._awake.set()
        if cursor is None:
            return []
        try:
            reading = await ask(self._source.replay, company, cursor)
        except DatabaseDown:
            self.remove(subscriber)
            raise
        subscriber.skip(reading.events)
        subscriber.cursor = max(subscriber.cursor, reading.mark)
        return [event for event in reading.events if subscriber.wants(event.change)]

    def remove(self, subscriber: Subscriber) -> None:
        """Remove a client."""
        company = subscriber.viewer.company_id
        group = self._subscribers[company]
        group.pop(subscriber, None)
        if not group:
            del self._subscribers[company]
            self._marks.pop(company, None)

    def end(self, code: str, connections: Collection[str] | None = None) -> int:
        """Send clients away, those of some connections or all; return how many."""
        everybody = [each for group in self._subscribers.values() for each in group]
        ended = [each for each in everybody if connections is None or each.connection in connections]
        for subscriber in ended:
            subscriber.end(code)
        return len(ended)

    async def run(self) -> None:
        """Look at the database again and again while somebody is connected, until the task is cancelled."""
        pause = self._poll_seconds
        while True:
            if not self._subscribers:
                self._awake.clear()
                await self._awake.wait()
            try:
                await self.poll()
            except DatabaseDown as error:
                pause = min(pause * 2, MAX_PAUSE_SECONDS)
                self._failed(error)
            else:
                pause, self._failing_since = self._poll_seconds, None
            await asyncio.sleep(pause)

    async def poll(self) -> None:
        """Read what is new and offer it."""
        companies = sorted(self._marks.keys() & self._subscribers.keys())
        if not companies:
            return
        before = {company: self._marks[company] for company in companies}
        try:
            reading = await ask(self._source.read, companies, min(before.values()))
        except TooOld:
            # Far too many at once, or another database: the clients come back and read everything anew.
            log.warning("changes can't be read on; clients are asked to read everything anew")
            self._marks.clear()
            self.end(RESUME)
            return
        new = [
            event
            for event in reading.events
            if event.id not in self._delivered and event.xact >= before[event.change.company_id]
        ]
        self._delivered = frozenset(event.id for event in reading.events if event.xact >= reading.mark)
        by_company: defaultdict[int, list[LiveEvent]] = defaultdict(list)
        for event in new:
            by_company[event.change.company_id].append(event)
        for company in companies:
            if company not in self._marks:
                continue  # its last client has left meanwhile
            self._marks[company] = reading.mark
            for subscriber in list(self._subscribers.get(company, ())):
                subscriber.offer(by_company[company], reading.mark)

    def _failed(self, error: DatabaseDown) -> None:
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
            log.warning("changes can't be read", error=type(error.__cause__).__name__)
        elif now - self._failing_since > self._silence_seconds:
            self.end("unavailable")
