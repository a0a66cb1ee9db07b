"""A company's settings of the classifier cascade: order, threshold of the local classifier, budgets."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Order = Literal["claude_first", "local_first"]
ORDERS: tuple[Order, ...] = ("claude_first", "local_first")
MICROS_PER_USD = 1_000_000


@dataclass(frozen=True)
class Spending:
    """The cost of a company's calls of paid models, in millionths of a dollar, per day and month of UTC."""

    day: str = ""
    """The day of `today`, such as 2026-11-21."""
    today: Decimal = Decimal(0)
    month: Decimal = Decimal(0)


@dataclass(frozen=True)
class CascadeSettings:
    """A company's settings; the defaults hold for a company that has set nothing."""

    order: Order = "claude_first"
    local_threshold: float | None = None
    """The probability from which the local classifier is accepted; None: the threshold of its own calibration."""
    daily_budget_usd: Decimal | None = None
    monthly_budget_usd: Decimal | None = None

    def allows_paid_calls(self, spending: Spending) -> bool:
        """Return whether neither budget is used up."""
        return _below(spending.today, self.daily_budget_usd) and _below(spending.month, self.monthly_budget_usd)


def _below(spent_micro_usd: Decimal, budget_usd: Decimal | None) -> bool:
    return budget_usd is None or spent_micro_usd < budget_usd * MICROS_PER_USD
