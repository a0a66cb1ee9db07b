"""Caches companies' data, which is read from this service's own tables."""

import time
from collections.abc import Callable
from threading import Lock

from cachetools import TLRUCache
from service_kit.database.engine import Database

from ai_service.domain.company import Company
from ai_service.store import companies as store

MAX_COMPANIES = 1_000


class CompanyCache:
    """Returns a company's departments, settings and rules, which are read together and cached for some seconds."""

    def __init__(self, database: Database, *, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is the maximum age; each process has a cache of its own."""
        self._database = database
        self._clock = clock
        self._lock = Lock()
        # The age counts from before the read, which may miss what was committed while it ran.
        self._cached: TLRUCache[int, tuple[float, Company], float] = TLRUCache(
            MAX_COMPANIES, lambda _key, entry, _now: entry[0] + seconds, timer=clock
        )

    def get(self, company_id: int, since: float | None = None) -> Company:
        """Return a company; raise OperationalError where the database can't be reached.

        `since` is the monotonic time at which a ticket arrived: data that was read before is not used for it, because
        the prediction is stored, and a department, team, rule or model may have changed in between. That costs one read
        per batch. No connection is held while a model is called afterwards.
        """
        now = self._clock()
        with self._lock:
            cached = self._cached.get(company_id)
        if cached is not None and (since is None or cached[0] >= since):
            return cached[1]
        (row,) = self._database.execute_and_commit(company_id, store.FIND, {"company": company_id})
        company = store.company_of(row)
        with self._lock:
            self._cached[company_id] = (now, company)
        return company
