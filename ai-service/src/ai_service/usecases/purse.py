"""What companies have spent as this process knows it: what the ledger said, and what was spent since."""

from collections import OrderedDict
from decimal import Decimal
from threading import Lock

from ai_service.domain.ladder_settings import Spent

COMPANIES = 1_000


class Purse:
    """Adds this process's own calls to a view of the ledger that is a moment old and misses what is not committed.

    So a budget is overshot by the calls in flight, here and in other processes, not by whole batches. It never shows
    more than was spent: what the ledger says later is compared with what is known here, not added to it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[int, Spent] = OrderedDict()

    def spent(self, company: int, told: Spent) -> Spent:
        """Return what the company has spent, given what the ledger told."""
        with self._lock:
            return self._merged(company, told)

    def pay(self, company: int, told: Spent, cost: Decimal) -> None:
        """Note a call that has just been made."""
        with self._lock:
            before = self._merged(company, told)
            self._known[company] = Spent(before.day, before.today + cost, before.month + cost)
            self._known.move_to_end(company)
            while len(self._known) > COMPANIES:
                self._known.popitem(last=False)

    def _merged(self, company: int, told: Spent) -> Spent:
        known = self._known.get(company)
        # Days are compared as text, 2026-11-21; a month ends with its last day.
        if known is None or known.day[:7] != told.day[:7]:
            return told
        month = max(known.month, told.month)
        return Spent(told.day, max(known.today, told.today) if known.day == told.day else told.today, month)
