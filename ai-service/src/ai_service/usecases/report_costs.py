"""Report a company's usage and cost of paid models, and the rest of its budgets."""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ai_service.domain.cascade_settings import MICROS_PER_USD
from ai_service.store import companies, usage

BY_DAY, BY_TICKET, BY_CALL = "day", "ticket", "call"


def report_costs(
    session: Session,
    company_id: int,
    days: int,
    *,
    by: str,
    ticket: int | None,
    before: tuple[Any, ...] | None,
    limit: int,
) -> dict[str, Any]:
    """Return, as JSON values, a page of the costs of the latest `days` (of UTC, today included), and the budgets.

    `before` identifies the last row of the previous page: its day and model, its ticket, or its time and id.
    """
    company = companies.find(session, company_id)
    read: Any = {BY_DAY: usage.by_day, BY_TICKET: usage.by_ticket, BY_CALL: usage.by_call}[by]
    rows = read(session, company_id, days, before=before, limit=limit, **({} if by == BY_DAY else {"ticket": ticket}))
    cost, unpriced = usage.total(session, company_id, days)
    return {
        "days": days,
        "items": [_row(**row) for row in rows],
        "cost_usd": _usd(cost),
        "unpriced_calls": unpriced,
        "budget": {
            "daily": _budget(company.cascade.daily_budget_usd, company.spending.today),
            "monthly": _budget(company.cascade.monthly_budget_usd, company.spending.month),
        },
    }


def _row(cost_micro_usd: Decimal, calls: int, unpriced_calls: int, **more: Any) -> dict[str, Any]:
    # A sum without any price would read as free of charge.
    cost = None if calls == unpriced_calls else _usd(cost_micro_usd)
    return {**more, "calls": calls, "unpriced_calls": unpriced_calls, "cost_usd": cost}


def _budget(limit_usd: Decimal | None, spent: Decimal) -> dict[str, float | None]:
    left = None if limit_usd is None else max(Decimal(0), limit_usd - spent / MICROS_PER_USD)
    return {
        "limit_usd": None if limit_usd is None else float(limit_usd),
        "spent_usd": _usd(spent),
        "left_usd": None if left is None else float(left),
    }


def _usd(micro: Decimal) -> float:
    return float(micro / MICROS_PER_USD)
