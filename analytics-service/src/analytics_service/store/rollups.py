"""Queries of the rollups. Every query reads a bounded number of rows, whatever the number of tickets."""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from analytics_service.domain.counting import TOTAL_FIELDS, Total
from analytics_service.domain.figures import Figures

# ruff: noqa: S608 - only column names that stand in the domain are put together here.

_FIGURES = f"""
    (select coalesce(json_agg(json_build_array(department, status, {", ".join(TOTAL_FIELDS)})), '[]')
        from ticket_totals where company_id = :company) as totals,
    (select coalesce(json_agg(name order by department_id), '[]')
        from departments where company_id = :company and is_active and not deleted) as active
"""
_READ = text(f"select {_FIGURES}")
# At most 1,441 rows: the minutes of a day.
_READ_WITH_RECENT = text(f"""
    select {_FIGURES},
    (select coalesce(sum(created), 0) from tickets_by_minute
        where company_id = :company and minute >= date_trunc('minute', now() - interval '24 hours')) as recent
""")
_DAYS = text(
    "select day, sum(created)::bigint as created from tickets_by_day"
    " where company_id = :company and day >= :first group by day"
)
_DEPARTMENTS = text(
    "select department, sum(created)::bigint as created from tickets_by_day"
    " where company_id = :company and day >= :first group by department"
)


def figures(session: Session, company_id: int) -> Figures:
    """Return a company's counts by department and status."""
    row = session.execute(_READ, {"company": company_id}).one()
    return _figures(row.totals, row.active)


def figures_and_recent(session: Session, company_id: int) -> tuple[Figures, int]:
    """Return a company's counts, and the number of tickets created in the last 24 hours, to the minute."""
    row = session.execute(_READ_WITH_RECENT, {"company": company_id}).one()
    return _figures(row.totals, row.active), int(row.recent)


def created_by_day(session: Session, company_id: int, first: date) -> dict[date, int]:
    """Return the number of tickets created on each day since `first`; days without any are left out."""
    rows = session.execute(_DAYS, {"company": company_id, "first": first})
    return {row.day: row.created for row in rows}


def created_by_department(session: Session, company_id: int, first: date) -> dict[str, int]:
    """Return the number of tickets created since `first` by current department; '' stands for none."""
    rows = session.execute(_DEPARTMENTS, {"company": company_id, "first": first})
    return {row.department: row.created for row in rows}


def _figures(totals: list[list[str | int]], active: list[str]) -> Figures:
    return Figures(
        {(str(department), str(status)): Total(*map(int, counts)) for department, status, *counts in totals}, active
    )
