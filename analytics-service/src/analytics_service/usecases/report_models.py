"""What people ask about models: which one reads their tickets, and what paid ones used."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from analytics_service.store import models

MICRO = 1_000_000


def model_figures(session: Session, company: int, days: int) -> dict[str, Any]:
    """Return the serving model, and the calls that other services reported in the last days (UTC), today included."""
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    serving = models.serving(session, company)
    usage = [
        {name: value for name, value in row._mapping.items() if name != "cost_micro_usd"}
        | {"cost_usd": float(row.cost_micro_usd / MICRO)}
        for row in models.usage(session, company, since)
    ]
    return {
        "days": days,
        "since": since.isoformat(),
        "serving": None if serving is None or serving.version is None else dict(serving._mapping),
        "calls": sum(each["calls"] for each in usage),
        "cost_usd": round(sum(each["cost_usd"] for each in usage), 9),
        "usage": usage,
    }
