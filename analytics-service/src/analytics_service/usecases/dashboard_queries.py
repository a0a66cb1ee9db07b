"""Queries of the dashboard and of `/api/analytics`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from analytics_service.domain import figures
from analytics_service.domain.counting import UNROUTED
from analytics_service.store import departments, rollups

PERIOD_DAYS = {"day": 1, "week": 7, "month": 30, "all": None}
BEGINNING = date(1, 1, 1)


class UnknownDepartment(Exception):
    """The company never had such a department."""


def summary(session: Session, company_id: int) -> dict[str, Any]:
    """Return the dashboard's summary, in one query."""
    found, recent = rollups.figures_and_recent(session, company_id)
    return figures.summary(found, recent)


def routing(session: Session, company_id: int) -> dict[str, Any]:
    """Return the distribution of tickets over departments, and the confidence."""
    return figures.routing(rollups.figures(session, company_id))


def performance(session: Session, company_id: int) -> dict[str, Any]:
    """Return resolution rate, confidence and mean times."""
    return figures.performance(rollups.figures(session, company_id))


def department(session: Session, company_id: int, name: str) -> dict[str, Any]:
    """Return the figures of one department; raise UnknownDepartment."""
    found = rollups.figures(session, company_id)
    _check_exists(session, company_id, found, name)
    return figures.department(found, name)


def trends(session: Session, company_id: int, days: int) -> dict[str, Any]:
    """Return the number of tickets created on each of the last days, today (UTC) included."""
    today = datetime.now(UTC).date()
    created = rollups.created_by_day(session, company_id, today - timedelta(days=days - 1))
    return {"days": days, "daily_ticket_creation": figures.daily(created, today, days)}


def tickets(session: Session, company_id: int, period: str, name: str | None) -> dict[str, Any]:
    """Return the tickets created in a period of whole days (UTC) by current department; raise UnknownDepartment."""
    days = PERIOD_DAYS[period]
    first = BEGINNING if days is None else datetime.now(UTC).date() - timedelta(days=days - 1)
    found = rollups.figures(session, company_id)
    if name is not None:
        _check_exists(session, company_id, found, name)
    created = rollups.created_by_department(session, company_id, first)
    names = list(found.departments) if name is None else [name]
    by_department = {department_name: created.get(department_name, 0) for department_name in names}
    unrouted = created.get(UNROUTED, 0) if name is None else 0
    return {
        "period": period,
        "since": None if days is None else first.isoformat(),
        "department": name,
        "total_tickets": sum(by_department.values()) + unrouted,
        "by_department": by_department,
        "unrouted": unrouted,
    }


def _check_exists(session: Session, company_id: int, found: figures.Figures, name: str) -> None:
    if name not in found.departments and name not in departments.existing_names(session, company_id):
        raise UnknownDepartment(f"there is no department {name!r}")
