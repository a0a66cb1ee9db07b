"""Tell what a company's calls of paid models used and cost, and what is left of its budgets."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ai_service.domain.ladder_settings import MICRO
from ai_service.store import companies, usage

BY_DAY, BY_TICKET, BY_CALL = "day", "ticket", "call"


def report_costs(
    session: Session,
    company: int,
    days: int,
    *,
    by: str,
    ticket: int | None,
    before: tuple[Any, ...] | None,
    limit: int,
) -> dict[str, Any]:
    """Return, as JSON values, a page of what the latest `days` cost (of UTC, today's included), and the budgets.

    `before` is what identifies the last row of the page before: its day and model, its ticket, or its time and id.
    """
    known = companies.find(session, company)
    read: Any = {BY_DAY: usage.by_day, BY_TICKET: usage.by_ticket, BY_CALL: usage.by_call}[by]
    rows = read(session, company, days, before=before, limit=limit, **({} if by == BY_DAY else {"ticket": ticket}))
    cost, unpriced = usage.total(session, company, days)
    return {
        "days": days,
        "items": [_row(**row) for row in rows],
        "cost_usd": _usd(cost),
        "unpriced_calls": unpriced,
        "budget": {
            "daily": _budget(known.ladder.daily_budget_usd, known.spent.today),
            "monthly": _budget(known.ladder.monthly_budget_usd, known.spent.month),
        },
    }


def _row(cost_micro_usd: Decimal, calls: int, unpriced_calls: int, **more: Any) -> dict[str, Any]:
    # A sum of nothing would read as free of charge.
    cost = None if calls == unpriced_calls else _usd(cost_micro_usd)
    return {**more, "calls": calls, "unpriced_calls": unpriced_calls, "cost_usd": cost}


def _budget(limit_usd: Decimal | None, spent: Decimal) -> dict[str, float | None]:
    left = None if limit_usd is None else max(Decimal(0), limit_usd - spent / MICRO)
    return {
        "limit_usd": None if limit_usd is None else float(limit_usd),
        "spent_usd": _usd(spent),
        "left_usd": None if left is None else float(left),
    }


def _usd(micro: Decimal) -> float:
    return float(micro / MICRO)
