"""What people ask of the figures."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from analytics_service.domain import figures
from analytics_service.domain.counting import UNROUTED
from analytics_service.store import departments, rollups

PERIOD_DAYS = {"day": 1, "week": 7, "month": 30, "all": None}
BEGINNING = date(1, 1, 1)


class UnknownDepartment(Exception):
    """Nothing has ever been heard of such a department."""


def summary(session: Session, company: int) -> dict[str, Any]:
    """Return the dashboard's first look, in one query."""
    found, recent = rollups.figures_and_recent(session, company)
    return figures.summary(found, recent)


def routing(session: Session, company: int) -> dict[str, Any]:
    """Return where tickets are, and how sure that is."""
    return figures.routing(rollups.figures(session, company))


def performance(session: Session, company: int) -> dict[str, Any]:
    """Return how well and how quickly tickets are dealt with."""
    return figures.performance(rollups.figures(session, company))


def department(session: Session, company: int, name: str) -> dict[str, Any]:
    """Return the figures of one department; raise UnknownDepartment."""
    found = rollups.figures(session, company)
    _expect(session, company, found, name)
    return figures.department(found, name)


def trends(session: Session, company: int, days: int) -> dict[str, Any]:
    """Return how many tickets were created on each of the last days, today (UTC) included."""
    today = datetime.now(UTC).date()
    created = rollups.created_by_day(session, company, today - timedelta(days=days - 1))
    return {"days": days, "daily_ticket_creation": figures.daily(created, today, days)}


def tickets(session: Session, company: int, period: str, name: str | None) -> dict[str, Any]:
    """Return how many of the tickets created in a period of whole days (UTC) are where; raise UnknownDepartment."""
    days = PERIOD_DAYS[period]
    first = BEGINNING if days is None else datetime.now(UTC).date() - timedelta(days=days - 1)
    found = rollups.figures(session, company)
    if name is not None:
        _expect(session, company, found, name)
    created = rollups.created_by_department(session, company, first)
    names = list(found.departments) if name is None else [name]
    by_department = {each: created.get(each, 0) for each in names}
    unrouted = created.get(UNROUTED, 0) if name is None else 0
    return {
        "period": period,
        "since": None if days is None else first.isoformat(),
        "department": name,
        "total_tickets": sum(by_department.values()) + unrouted,
        "by_department": by_department,
        "unrouted": unrouted,
    }


def _expect(session: Session, company: int, found: figures.Figures, name: str) -> None:
    if name not in found.departments and name not in departments.known(session, company):
        raise UnknownDepartment(f"there is no department {name!r}")
