"""What a company decides about its ladder: whom to ask first, when the local model is believed, how much to spend."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Order = Literal["claude_first", "local_first"]
ORDERS: tuple[Order, ...] = ("claude_first", "local_first")
MICRO = 1_000_000
"""Millionths of a dollar in a dollar."""


@dataclass(frozen=True)
class Spent:
    """What a company's calls cost so far, in millionths of a dollar, by days and months of UTC."""

    day: str = ""
    """Which day `today` is about, 2026-11-21."""
    today: Decimal = Decimal(0)
    month: Decimal = Decimal(0)


@dataclass(frozen=True)
class LadderSettings:
    """A company's wishes; the defaults are those of one that said nothing."""

    order: Order = "claude_first"
    local_threshold: float | None = None
    """From which probability on the local model is believed; None: from the one its head promises its precision at."""
    daily_budget_usd: Decimal | None = None
    monthly_budget_usd: Decimal | None = None

    def affords(self, spent: Spent) -> bool:
        """Tell whether another call may be made: no budget is reached."""
        return _below(spent.today, self.daily_budget_usd) and _below(spent.month, self.monthly_budget_usd)


def _below(spent: Decimal, budget_usd: Decimal | None) -> bool:
    return budget_usd is None or spent < budget_usd * MICRO
