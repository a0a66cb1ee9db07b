"""Queries about models: the serving model and the usage of paid models."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from analytics_service.store import models

MICRO = 1_000_000


def model_figures(session: Session, company_id: int, days: int) -> dict[str, Any]:
    """Return the serving model, and the usage that services reported in the last days (UTC), today included."""
    since = datetime.now(UTC).date() - timedelta(days=days - 1)
    serving = models.serving(session, company_id)
    usage = [
        {name: value for name, value in row._mapping.items() if name != "cost_micro_usd"}
        | {"cost_usd": float(row.cost_micro_usd / MICRO)}
        for row in models.usage(session, company_id, since)
    ]
    return {
        "days": days,
        "since": since.isoformat(),
        "serving": None if serving is None or serving.version is None else dict(serving._mapping),
        "calls": sum(row["calls"] for row in usage),
        "cost_usd": round(sum(row["cost_usd"] for row in usage), 9),
        "usage": usage,
    }
