"""What is known of companies, read from this service's own tables and kept for a moment."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from service_kit.database.engine import Database

from ai_service.domain.company import Company
from ai_service.store import companies as store

COMPANIES = 1_000


class Directory:
    """Answers which departments, switches and rules a company has, all read at once and at most so many seconds old."""

    def __init__(self, database: Database, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is how long a company is kept; every process and replica keeps its own."""
        self._database = database
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[float, Company]] = OrderedDict()

    def of(self, company: int, since: float | None = None) -> Company:
        """Return what is known of a company; raise OperationalError where the database can't be asked.

        `since` is when a ticket arrived: what was looked up before doesn't serve for it, because its answer stays with
        the ticket, and a department, team, rule or model may have come in between. That is one look per batch. The
        short read is over before any model is called: no connection is held meanwhile.
        """
        now = self._clock()
        with self._lock:
            kept = self._kept.get(company)
        if kept is not None and now - kept[0] < self._seconds and (since is None or kept[0] >= since):
            return kept[1]
        with self._database.session(company) as session:
            found = store.find(session, company)
        with self._lock:
            self._kept[company] = (now, found)
            self._kept.move_to_end(company)
            while len(self._kept) > COMPANIES:
                self._kept.popitem(last=False)
        return found
