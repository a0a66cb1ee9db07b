"""Lets HTTP answers wait a moment for a ticket's routing (long polling).

The worker sends a notification for each routing it stores. Where the worker runs on another machine no notification
arrives, and one query checks all waiting requests every few milliseconds.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from eventbus.publish.wakeup import WakeupSocket
from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_array
from service_kit.telemetry.logs import get_logger

from ticket_service.adapters.routing_notifier import parse_notifications
from ticket_service.store.routings import ANSWERED, Key

POLL_SECONDS = 0.004
NOTIFIED_POLL_SECONDS = 0.05
NOTIFICATION_TRUST_SECONDS = 10.0
"""How long after a notification further ones are expected, so that the slower polling is enough."""
ERROR_POLL_SECONDS = 0.1
COOLDOWN_SECONDS = 5.0
UNROUTED = -1
"""Less than any request's revision: a ticket without a routing answers no request."""

log = get_logger(__name__)

AnsweredRequestsQuery = Callable[[int, dict[int, int]], dict[int, int]]
"""Takes a company and {ticket: revision of a routing request}; returns {ticket: revision of the newest answered one}
of the tickets whose routing answers that request or a newer one."""


@dataclass(eq=False)
class _Waiter:
    company_id: int
    ticket_id: int
    request_revision: int
    answered: threading.Event = field(default_factory=threading.Event)


def answered_requests_query(database: Database) -> AnsweredRequestsQuery:
    """Return the query as one short statement without a surrounding transaction."""

    def query(company_id: int, request_revisions: dict[int, int]) -> dict[int, int]:
        parameters = {
            "company_id": company_id,
            "ticket_ids": pg_array(request_revisions),
            "request_revisions": pg_array(request_revisions.values()),
        }
        return dict(database.execute_and_commit(company_id, ANSWERED, parameters))

    return query


class RoutingWaiter:
    """Waits for routings on behalf of HTTP requests; one thread polls for all of them.

    At most `max_waiters` requests wait at a time, so that a slow pipeline never occupies all threads. After a wait that
    timed out, requests without an explicit wait don't wait for `COOLDOWN_SECONDS`: while routing is down, tickets are
    still created quickly.
    """

    def __init__(
        self,
        query: AnsweredRequestsQuery,
        max_waiters: int,
        open_socket: Callable[[], WakeupSocket],
    ) -> None:
        """`open_socket` opens, in the waiting process, the socket that receives the worker's notifications."""
        self._query = query
        self._open_socket = open_socket
        self._max_waiters = max_waiters
        self._waiters: set[_Waiter] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._cooldown_until = 0.0

    def wait(
        self, company_id: int, ticket_id: int, request_revision: int, seconds: float, *, explicit: bool
    ) -> bool | None:
        """Wait until a ticket shows a routing that answers the routing request of this revision.

        Revision 0 means no request: any routing answers it. `explicit` marks a wait that the caller asked for. Returns
        whether the routing is shown, or None where this request may not wait now.
        """
        waiter = _Waiter(company_id, ticket_id, request_revision)
        with self._changed:
            cooling_down = not explicit and time.monotonic() < self._cooldown_until
            if seconds <= 0 or cooling_down or len(self._waiters) >= self._max_waiters:
                return None
            self._waiters.add(waiter)
            # Started here and not with the app: a thread doesn't survive the fork of an HTTP worker.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._watch, name="routing-waiter", daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            routed = waiter.answered.wait(seconds)
        finally:
            with self._changed:
                self._waiters.discard(waiter)
        if not routed and not explicit:
            self._cooldown_until = time.monotonic() + COOLDOWN_SECONDS
        return routed

    def _watch(self) -> None:
        wakeup, notified_until, queried_at = self._open_socket(), 0.0, time.monotonic()
        pause = POLL_SECONDS
        while True:
            with self._changed:
                while not self._waiters:
                    self._changed.wait()
                    queried_at = time.monotonic()
            datagrams = wakeup.receive(queried_at + pause - time.monotonic())
            if datagrams:
                notified_until = time.monotonic() + NOTIFICATION_TRUST_SECONDS
            notified = parse_notifications(datagrams)
            if notified:
                self._release_notified(notified)
            if notified is not None and time.monotonic() < queried_at + pause:
                continue
            queried_at = time.monotonic()
            pause = NOTIFIED_POLL_SECONDS if queried_at < notified_until else POLL_SECONDS
            try:
                self._release_answered(self._snapshot())
            except Exception as error:
                # The tickets are stored, and the waits end by their own timeout.
                log.warning("can't query routings", error=type(error).__name__)
                pause = ERROR_POLL_SECONDS

    def _snapshot(self) -> list[_Waiter]:
        with self._changed:
            return list(self._waiters)

    def _release_notified(self, routed: Mapping[Key, int]) -> None:
        for waiter in self._snapshot():
            if routed.get((waiter.company_id, waiter.ticket_id), UNROUTED) >= waiter.request_revision:
                waiter.answered.set()

    def _release_answered(self, waiters: list[_Waiter]) -> None:
        by_company: dict[int, list[_Waiter]] = defaultdict(list)
        for waiter in waiters:
            by_company[waiter.company_id].append(waiter)
        for company_id, of_company in by_company.items():
            # Several requests may wait for one ticket; the query takes the oldest revision and serves them all.
            oldest: dict[int, int] = {}
            for waiter in of_company:
                revision = waiter.request_revision
                oldest[waiter.ticket_id] = min(revision, oldest.get(waiter.ticket_id, revision))
            routed = self._query(company_id, oldest)
            for waiter in of_company:
                if routed.get(waiter.ticket_id, UNROUTED) >= waiter.request_revision:
                    waiter.answered.set()
