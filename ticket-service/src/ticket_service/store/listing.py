"""Pages of tickets, newest first, and the search."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from ticket_service.domain.ticket import Ticket
from ticket_service.domain.words import Priority, Status
from ticket_service.store.tables import tickets
from ticket_service.store.tickets import from_row

SEARCHED = 10_000
"""The search reads the newest tickets of the company, so that its cost doesn't grow with the table.

A full-text index would not help: its operators are not leakproof, so row-level security keeps them from using it.
"""


@dataclass(frozen=True)
class Filters:
    """What a listed ticket must match; None matches everything. `words` must all occur in title or description."""

    status: Status | None = None
    department: str | None = None
    priority: Priority | None = None
    assignee: str | None = None
    words: tuple[str, ...] = ()


def page(session: Session, company_id: int, filters: Filters, *, before: int | None, limit: int) -> list[Ticket]:
    """Return up to `limit` tickets older than the ticket `before`, newest first."""
    rows = session.execute(query(company_id, filters, before=before, limit=limit))
    return [from_row(row) for row in rows]


def query(company_id: int, filters: Filters, *, before: int | None, limit: int) -> Select[Any]:
    """Write the query of a page.

    Each index begins with the company and the filter and ends with the id, so that a page costs the same in a small
    and a large table: tickets_pkey, tickets_by_status, _by_department, _by_department_and_status and so on.
    """
    found = select(tickets).where(tickets.c.company_id == company_id)
    for column in ("status", "department", "priority", "assignee"):
        value = getattr(filters, column)
        if value is not None:
            found = found.where(tickets.c[column] == value)
    if before is not None:
        found = found.where(tickets.c.id < before)
    if filters.words:
        found = found.where(tickets.c.id >= _oldest_searched(company_id))
        for word in filters.words:
            lowered = func.lower(word)
            found = found.where(
                (func.strpos(func.lower(tickets.c.title), lowered) > 0)
                | (func.strpos(func.lower(tickets.c.description), lowered) > 0)
            )
    return found.order_by(tickets.c.id.desc()).limit(limit)


def _oldest_searched(company_id: int) -> ScalarSelect[int]:
    newest = (
        select(tickets.c.id)
        .where(tickets.c.company_id == company_id)
        .order_by(tickets.c.id.desc())
        .limit(SEARCHED)
        .subquery()
    )
    return select(func.min(newest.c.id)).scalar_subquery()
