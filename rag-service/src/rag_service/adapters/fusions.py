"""A cache of the companies' own fusions, because each search needs one."""

import time
from collections.abc import Callable
from threading import Lock

from cachetools import TTLCache
from service_kit.database.engine import Database

from rag_service.domain.fusion import Fusion
from rag_service.store.tunings import FUSION_SQL, as_fusion

CACHE_SECONDS = 1.0
"""How long after a change another process may still order by the fusion of before; a tuning is done only after that."""
MAX_COMPANIES = 10_000


class Fusions:
    """The fusions in use, each at most `CACHE_SECONDS` old. Safe in any thread."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._lock = Lock()
        self._known: TTLCache[int, tuple[Fusion | None], float] = TTLCache(MAX_COMPANIES, CACHE_SECONDS, timer=clock)
        self._changes = 0

    def of(self, company_id: int) -> Fusion | None:
        """Return a company's own fusion; None for the default."""
        with self._lock:
            known, changes = self._known.get(company_id), self._changes
        if known is not None:
            return known[0]
        rows = self._database.execute_and_commit(company_id, FUSION_SQL, {"company": company_id})
        fusion = as_fusion(rows[0].fusion) if rows else None
        with self._lock:
            # A change during the query may not be in its result.
            if changes == self._changes:
                self._known[company_id] = (fusion,)
        return fusion

    def forget(self, company_id: int) -> None:
        """Read a company's fusion again at its next search: it was changed by this process."""
        with self._lock:
            self._changes += 1
            self._known.pop(company_id, None)
