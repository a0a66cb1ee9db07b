"""Lets answers wait a moment for a routing: the worker rings when it shows some, and says which.

Where the worker runs on another machine nobody rings, and one query looks for all who wait every few milliseconds.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service_kit.database.engine import Database
from service_kit.messaging.columns import plain
from service_kit.messaging.wake import Bell
from service_kit.telemetry.logs import get_logger

from ticket_service.ringing import understand
from ticket_service.store.routings import ANSWERED, Key

POLL_SECONDS = 0.004
RUNG_POLL_SECONDS = 0.05
TRUST_SECONDS = 10.0
"""After a ring, how long to believe that the next one will come too."""
TROUBLED_POLL_SECONDS = 0.1
REST_SECONDS = 5.0
UNROUTED = -1
"""Less than any wish: a ticket without a routing answers none."""

log = get_logger(__name__)

Look = Callable[[int, dict[int, int]], dict[int, int]]
"""(company, {ticket: wish}) → {ticket: newest wish answered} of the tickets whose routing answers that wish or more."""


@dataclass(eq=False)
class _Wait:
    company_id: int
    ticket_id: int
    wish: int
    over: threading.Event = field(default_factory=threading.Event)


def look_into(database: Database) -> Look:
    """Return a look into the database: one short statement without a transaction around it."""

    def look(company_id: int, wishes: dict[int, int]) -> dict[int, int]:
        parameters = {"company_id": company_id, "ticket_ids": plain(wishes), "wishes": plain(wishes.values())}
        return dict(database.execute_and_commit(company_id, ANSWERED, parameters))

    return look


class RoutingWaiter:
    """Waits for routings on behalf of requests; one thread looks for all of them.

    At most `places` requests wait at a time, so that a slow pipeline never takes all threads. After one that waited in
    vain nobody waits for a while, except who asks for it: when routing is down, tickets are still created quickly.
    """

    def __init__(self, look: Look, places: int, hang_out: Callable[[], Bell] = lambda: Bell(None)) -> None:
        """`hang_out` makes the bell that the worker rings, in the process that waits."""
        self._look = look
        self._hang_out = hang_out
        self._places = places
        self._waiting: set[_Wait] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._rest_until = 0.0

    def wait(self, company_id: int, ticket_id: int, wish: int, seconds: float, *, asked: bool) -> bool | None:
        """Wait until a ticket shows a routing that answers the wish of this revision; return whether it does.

        Wish 0 is none: any routing answers it. Returns None where no request may wait now. `asked` says that the caller
        asked for this wait.
        """
        wait = _Wait(company_id, ticket_id, wish)
        with self._changed:
            resting = not asked and time.monotonic() < self._rest_until
            if seconds <= 0 or resting or len(self._waiting) >= self._places:
                return None
            self._waiting.add(wait)
            # Begun here and not with the app: a thread doesn't survive the fork of an HTTP worker.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="routing-waiter", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            routed = wait.over.wait(seconds)
        finally:
            with self._changed:
                self._waiting.discard(wait)
        if not routed and not asked:
            self._rest_until = time.monotonic() + REST_SECONDS
        return routed

    def _watch(self) -> None:
        bell, rung_until, looked_at = self._hang_out(), 0.0, time.monotonic()
        pause = POLL_SECONDS
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                    looked_at = time.monotonic()
            said = bell.hear(looked_at + pause - time.monotonic())
            if said:
                rung_until = time.monotonic() + TRUST_SECONDS
            named = understand(said)
            if named:
                self._tell(named)
            if named is not None and time.monotonic() < looked_at + pause:
                continue
            looked_at = time.monotonic()
            pause = RUNG_POLL_SECONDS if looked_at < rung_until else POLL_SECONDS
            try:
                self._release(self._all())
            except Exception as error:
                # The tickets are stored and the requests' time runs out by itself.
                log.warning("can't look for routings", error=type(error).__name__)
                pause = TROUBLED_POLL_SECONDS

    def _all(self) -> list[_Wait]:
        with self._changed:
            return list(self._waiting)

    def _tell(self, routed: Mapping[Key, int]) -> None:
        for wait in self._all():
            if routed.get((wait.company_id, wait.ticket_id), UNROUTED) >= wait.wish:
                wait.over.set()

    def _release(self, waiting: list[_Wait]) -> None:
        by_company: dict[int, list[_Wait]] = defaultdict(list)
        for wait in waiting:
            by_company[wait.company_id].append(wait)
        for company_id, waits in by_company.items():
            # Several may wait for one ticket; the oldest wish finds it for all of them.
            wishes: dict[int, int] = {}
            for wait in waits:
                wishes[wait.ticket_id] = min(wait.wish, wishes.get(wait.ticket_id, wait.wish))
            routed = self._look(company_id, wishes)
            for wait in waits:
                if routed.get(wait.ticket_id, UNROUTED) >= wait.wish:
                    wait.over.set()
