"""Tracks companies' spending between two reads of the ledger."""

from decimal import Decimal
from threading import Lock

from cachetools import LRUCache

from ai_service.domain.cascade_settings import Spending

MAX_COMPANIES = 1_000


class SpendTracker:
    """Adds this process's own calls to the ledger's sums, which are seconds old and lack uncommitted calls.

    So a budget is overshot only by the calls in flight, here and in other processes, not by whole batches. The result
    never exceeds the true spending: later sums of the ledger are compared with the tracked ones, not added.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._tracked: LRUCache[int, Spending] = LRUCache(MAX_COMPANIES)

    def current(self, company_id: int, ledger: Spending) -> Spending:
        """Return a company's spending, given the ledger's sums."""
        with self._lock:
            return self._merged(company_id, ledger)

    def record(self, company_id: int, ledger: Spending, cost: Decimal) -> None:
        """Add the cost of a call, in millionths of a dollar."""
        with self._lock:
            before = self._merged(company_id, ledger)
            self._tracked[company_id] = Spending(before.day, before.today + cost, before.month + cost)

    def _merged(self, company_id: int, ledger: Spending) -> Spending:
        tracked = self._tracked.get(company_id)
        # Days are compared as text, such as 2026-11-21; the first seven characters are the month.
        if tracked is None or tracked.day[:7] != ledger.day[:7]:
            return ledger
        today = max(tracked.today, ledger.today) if tracked.day == ledger.day else ledger.today
        return Spending(ledger.day, today, max(tracked.month, ledger.month))
