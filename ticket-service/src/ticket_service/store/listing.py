"""Pages of tickets, and the search."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, collate, func, or_, select
from sqlalchemy.orm import Session

from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.ticket_number import IDS_PER_NUMBER, NumberParts, parse_number
from ticket_service.store import read_marks
from ticket_service.store.sorting import NEWEST_FIRST, Place, Sort
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
    `number` comes first in the result whatever its text. `name` may be an external id or a TX number; the tickets that
    have it (`named`) match whatever their text. `unread` is meant for the `reader`, a person as
    trails name it; '' has read everything.
    """

    status: Sequence[Status] = ()
    department: Sequence[str] = ()
    team: Sequence[str] = ()
    team_id: Sequence[int] = ()
    priority: Sequence[Priority] = ()
    assignee: Sequence[str] = ()
    customer_id: Sequence[str] = ()
    requester: Sequence[str] = ()
    need_admin: bool | None = None
    unread: bool | None = None
    reader: str = ""
    words: tuple[str, ...] = ()
    number: int | None = None
    name: str | None = None
    named: tuple[int, ...] = ()

    def match_all(self) -> bool:
        """Return whether every ticket matches."""
        others = (value for name, value in vars(self).items() if name not in ("need_admin", "unread", "reader"))
        return self.need_admin is None and self.unread is None and not any(others)


def resolve_name(session: Session, company_id: int, filters: Filters) -> Filters:
    """Return the filters with the tickets that `name` names. Indexes: tickets_external, tickets_pkey."""
    if filters.name is None:
        return filters
    found = list(
        session.execute(
            select(tickets.c.id).where(tickets.c.company_id == company_id, tickets.c.external_ticket_id == filters.name)
        ).scalars()
    )
    parts = parse_number(filters.name)
    if parts is not None:
        found += session.execute(_of_number(company_id, parts)).scalars()
    return replace(filters, named=tuple(found))


def page(
    session: Session,
    company_id: int,
    filters: Filters,
    *,
    own: str | None = None,
    sort: Sort = NEWEST_FIRST,
    after: Place | None,
    limit: int,
) -> list[Ticket]:
    """Return up to `limit` tickets behind the place `after`; with `own` one requester's only.

    The ticket that `filters.number` names comes before all others, on the first page (`after` is None).
    """
    rows = session.execute(query(company_id, filters, own=own, sort=sort, after=after, limit=limit))
    return [from_row(row) for row in rows]


def numbers(session: Session, company_id: int, filters: Filters, *, limit: int) -> list[int]:
    """Return the numbers of up to `limit` tickets that match, newest first, as pages show them."""
    found = query(company_id, filters, after=None, limit=limit).with_only_columns(tickets.c.id)
    return list(session.execute(found).scalars())


def query(
    company_id: int,
    filters: Filters,
    *,
    own: str | None = None,
    sort: Sort = NEWEST_FIRST,
    after: Place | None,
    limit: int,
) -> Select[Any]:
    """Return the query of a page.

    Indexes: tickets_pkey, tickets_by_status, _by_department, _by_department_and_status and so on. Each begins with the
    company and the filter and ends with the id, so a page costs the same in a small and a large table. For several
    values of one filter the planner sorts the matches where they are rare and reads the newest tickets where they are
    frequent. By due it is tickets_by_due, or tickets_open_by_due where only open statuses are wanted. Whether a ticket
    is unread is looked up for each ticket by itself.
    """
    unread = read_marks.is_unread(filters.reader, public=own is not None)
    shown = (*SHOWN, unread.label("unread")) if filters.reader else SHOWN
    found = of_requester(select(*shown).where(tickets.c.company_id == company_id), own)
    for column in ("status", "department", "team", "team_id", "priority", "assignee", "customer_id"):
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
    if filters.unread is not None:
        found = found.where(unread if filters.unread else ~unread)
    if after is not None:
        found = found.where(sort.behind(after))
    if not filters.words:
        return found.order_by(*sort.columns).limit(limit)
    matches = and_(
        tickets.c.id >= _oldest_searched(company_id),
        *(func.strpos(_SEARCHED_TEXT, word) > 0 for word in filters.words),
    )
    if filters.named:
        matches = or_(matches, tickets.c.id.in_(filters.named))
    if filters.number is None:
        return found.where(matches).order_by(*sort.columns).limit(limit)
    is_named = tickets.c.id == filters.number
    if after is not None:
        return found.where(matches, ~is_named).order_by(*sort.columns).limit(limit)
    return found.where(matches | is_named).order_by(is_named.desc(), *sort.columns).limit(limit)


def _one_of(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    return column == values[0] if len(values) == 1 else column.in_(values)


# Where search_text is null the text is ASCII, and lower() with collation "C" equals `domain.folding.folded`. Other
# locales differ: Turkish turns `I` into `ı`.
_SEARCHED_TEXT = func.coalesce(
    tickets.c.search_text,
    func.lower(collate(tickets.c.title, "C")) + "\n" + func.lower(collate(tickets.c.description, "C")),
)


def _of_number(company_id: int, parts: NumberParts) -> Select[Any]:
    """Return the query of the tickets with a TX number: one lookup by id for every million ids."""
    newest = select(func.max(tickets.c.id)).where(tickets.c.company_id == company_id).scalar_subquery()
    ids = select(func.generate_series(parts.last_digits, newest, IDS_PER_NUMBER))
    begins = datetime.combine(parts.day, time(), UTC)
    return select(tickets.c.id).where(
        tickets.c.company_id == company_id,
        tickets.c.id.in_(ids),
        tickets.c.created_at >= begins,
        tickets.c.created_at < begins + timedelta(days=1),
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
