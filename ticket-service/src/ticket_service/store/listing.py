"""Pages of tickets, newest first, and the search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, collate, func, select
from sqlalchemy.orm import Session

from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.ticket import Ticket
from ticket_service.store.tables import SHOWN, tickets
from ticket_service.store.tickets import from_row, of_requester

MAX_SEARCHED_TICKETS = 10_000
"""The search reads the company's newest tickets only, so that its cost doesn't grow with the table.

A full-text index would not help: its operators are not leakproof, so row-level security keeps them from using it.
"""


@dataclass(frozen=True)
class Filters:
    """The filters of a ticket list: a ticket matches one value of every filter that has values.

    `requester` is an e-mail address or a customer's id. Title and description contain all of `words` (folded). Ticket
    `number` comes first in the result whatever its text.
    """

    status: Sequence[Status] = ()
    department: Sequence[str] = ()
    team: Sequence[str] = ()
    team_id: Sequence[int] = ()
    priority: Sequence[Priority] = ()
    customer_id: Sequence[str] = ()
    requester: Sequence[str] = ()
    need_admin: bool | None = None
    words: tuple[str, ...] = ()
    number: int | None = None


def page(
    session: Session, company_id: int, filters: Filters, *, own: str | None = None, before: int | None, limit: int
) -> list[Ticket]:
    """Return up to `limit` tickets older than the ticket `before`, newest first; with `own` one requester's only.

    The ticket that `filters.number` names comes before all others, on the first page (`before` is None).
    """
    rows = session.execute(query(company_id, filters, own=own, before=before, limit=limit))
    return [from_row(row) for row in rows]


def query(company_id: int, filters: Filters, *, own: str | None = None, before: int | None, limit: int) -> Select[Any]:
    """Return the query of a page.

    Indexes: tickets_pkey, tickets_by_status, _by_department, _by_department_and_status and so on. Each begins with the
    company and the filter and ends with the id, so a page costs the same in a small and a large table. For several
    values of one filter the planner sorts the matches where they are rare and reads the newest tickets where they are
    frequent.
    """
    found = of_requester(select(*SHOWN).where(tickets.c.company_id == company_id), own)
    for column in ("status", "department", "team", "team_id", "priority", "customer_id"):
        values = getattr(filters, column)
        if values:
            found = found.where(_one_of(tickets.c[column], values))
    if filters.requester:
        found = found.where(
            _one_of(func.lower(tickets.c.user_email), [requester.lower() for requester in filters.requester])
            | _one_of(tickets.c.customer_id, filters.requester)
        )
    if filters.need_admin is not None:
        found = found.where(tickets.c.need_admin if filters.need_admin else ~tickets.c.need_admin)
    if before is not None:
        found = found.where(tickets.c.id < before)
    if not filters.words:
        return found.order_by(tickets.c.id.desc()).limit(limit)
    matches = and_(
        tickets.c.id >= _oldest_searched(company_id),
        *(func.strpos(_SEARCHED_TEXT, word) > 0 for word in filters.words),
    )
    if filters.number is None:
        return found.where(matches).order_by(tickets.c.id.desc()).limit(limit)
    is_named = tickets.c.id == filters.number
    if before is not None:
        return found.where(matches, ~is_named).order_by(tickets.c.id.desc()).limit(limit)
    return found.where(matches | is_named).order_by(is_named.desc(), tickets.c.id.desc()).limit(limit)


def _one_of(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


# Where search_text is null the text is ASCII, and lower() with collation "C" equals `domain.folding.folded`. Other
# locales differ: Turkish turns `I` into `ı`.
_SEARCHED_TEXT = func.coalesce(
    tickets.c.search_text,
    func.lower(collate(tickets.c.title, "C")) + "\n" + func.lower(collate(tickets.c.description, "C")),
)


def _oldest_searched(company_id: int) -> ScalarSelect[int]:
    newest = (
        select(tickets.c.id)
        .where(tickets.c.company_id == company_id)
        .order_by(tickets.c.id.desc())
        .limit(MAX_SEARCHED_TICKETS)
        .subquery()
    )
    return select(func.min(newest.c.id)).scalar_subquery()
