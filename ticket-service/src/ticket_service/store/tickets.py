"""Tickets, one at a time."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from service_kit.database.statements import Prepared
from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ticket_service.domain.enums import Priority, Run, Status
from ticket_service.domain.errors import DuplicateOpen, TicketNotFound
from ticket_service.domain.folding import search_text
from ticket_service.domain.ticket import Ticket
from ticket_service.store.read_marks import unread_sql
from ticket_service.store.tables import SHOWN, tickets

ONE_OPEN_DUPLICATE = "tickets_one_open_twin"

_COLUMNS = ", ".join(f"{shown.element} as {shown.name}" for shown in SHOWN)

READ = Prepared(
    "read_ticket",
    f"select {_COLUMNS}, {unread_sql(public=False)} as unread from tickets"  # noqa: S608
    " where company_id = :company_id and id = :id",
    {"company_id": "int", "id": "bigint", "reader": "text"},
)
"""Reads a ticket by its number, as one statement for `execute_and_commit`."""
READ_OWN = Prepared(
    "read_own_ticket",
    f"select {_COLUMNS}, {unread_sql(public=True)} as unread from tickets"  # noqa: S608
    " where company_id = :company_id and id = :id and customer_id = :own",
    {"company_id": "int", "id": "bigint", "own": "text", "reader": "text"},
)
"""Reads a requester's ticket by its number, as one statement for `execute_and_commit`."""


def from_row(row: Row[Any]) -> Ticket:
    """Return the ticket of an SQLAlchemy row with the columns of SHOWN."""
    return _ticket(dict(row._mapping))


def from_driver(row: Any) -> Ticket:
    """Return the ticket of a psycopg2 row of READ."""
    return _ticket(row._asdict())


def _ticket(values: dict[str, Any]) -> Ticket:
    values["priority"] = Priority(values["priority"])
    values["status"] = Status(values["status"])
    values["run"] = Run(values["run"])
    return Ticket(**values)


def get(session: Session, company_id: int, ticket_id: int, own: str | None = None) -> Ticket:
    """Return a ticket by its number; raise TicketNotFound, with `own` also for tickets of other requesters."""
    query = select(*SHOWN).where(tickets.c.company_id == company_id, tickets.c.id == ticket_id)
    return _one(session, of_requester(query, own))


def get_by_uuid(session: Session, company_id: int, uuid: UUID, own: str | None = None) -> Ticket:
    """Return a ticket by its UUID; raise TicketNotFound, with `own` also for tickets of other requesters.

    Index: tickets_uuid.
    """
    query = select(*SHOWN).where(tickets.c.company_id == company_id, tickets.c.uuid == uuid)
    return _one(session, of_requester(query, own))


def lock(session: Session, company_id: int, ticket_id: int, own: str | None = None) -> Ticket:
    """Lock a ticket until the transaction ends and return it.

    Raises TicketNotFound, with `own` also for tickets of other requesters.
    """
    query = select(*SHOWN).where(tickets.c.company_id == company_id, tickets.c.id == ticket_id)
    return _one(session, of_requester(query, own).with_for_update())


def keep(session: Session, company_id: int, ticket_id: int, own: str | None = None) -> None:
    """Keep a ticket from being locked or deleted by others until the transaction ends.

    Raises TicketNotFound, with `own` also for tickets of other requesters.
    """
    query = select(tickets.c.id).where(tickets.c.company_id == company_id, tickets.c.id == ticket_id)
    if session.execute(of_requester(query, own).with_for_update(read=True, key_share=True)).one_or_none() is None:
        raise TicketNotFound


def lock_all(session: Session, company_id: int, ticket_ids: Sequence[int]) -> None:
    """Lock tickets until the transaction ends, in the order of their numbers; missing ones are left out."""
    query = select(tickets.c.id).where(tickets.c.company_id == company_id, tickets.c.id.in_(ticket_ids))
    session.execute(query.order_by(tickets.c.id).with_for_update())


def of_requester(query: Select[Any], own: str | None) -> Select[Any]:
    """Limit a query of tickets to those of one requester; None limits nothing. Index: tickets_by_customer."""
    return query if own is None else query.where(tickets.c.customer_id == own)


def save(session: Session, ticket: Ticket, *, events: int, changed: bool) -> Ticket:
    """Store a person's change of a locked ticket and return it.

    The revision grows by the number of `events`, the version by one; `changed` makes earlier versions stale. Raises
    DuplicateOpen where the ticket is reopened beside an open duplicate. Index: tickets_one_open_twin.
    """
    statement = (
        update(tickets)
        .where(tickets.c.company_id == ticket.company_id, tickets.c.id == ticket.id)
        .values(
            title=ticket.title,
            description=ticket.description,
            search_text=search_text(ticket.title, ticket.description),
            category=ticket.category,
            category_given=ticket.category_given,
            sub_category=ticket.sub_category,
            priority=ticket.priority,
            priority_given=ticket.priority_given,
            status=ticket.status,
            version=tickets.c.version + 1,
            edited_version=tickets.c.version + 1 if changed else tickets.c.edited_version,
            revision=tickets.c.revision + events,
            request_revision=ticket.request_revision,
            updated_at=func.now(),
        )
        .returning(*SHOWN)
    )
    try:
        return from_row(session.execute(statement).one())
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == ONE_OPEN_DUPLICATE:
            raise DuplicateOpen from None
        raise


def count_event(session: Session, ticket: Ticket, *, shown: bool) -> int:
    """Return the revision of a further event of a locked ticket, which is no change of its fields.

    `shown` raises the version, which makes none stale, and the time of the last update. Both stay as they are for an
    event that the requester must not notice.
    """
    values: dict[str, Any] = {"revision": tickets.c.revision + 1}
    if shown:
        values |= {"version": tickets.c.version + 1, "updated_at": func.now()}
    of_ticket = update(tickets).where(tickets.c.company_id == ticket.company_id, tickets.c.id == ticket.id)
    return int(session.execute(of_ticket.values(**values).returning(tickets.c.revision)).scalar_one())


def remove(session: Session, ticket: Ticket) -> None:
    """Delete a ticket; its trail goes with it."""
    session.execute(delete(tickets).where(tickets.c.company_id == ticket.company_id, tickets.c.id == ticket.id))


def latest_duplicate(session: Session, company_id: int, duplicate_key: UUID) -> Ticket | None:
    """Return the open ticket with this key, else the last closed one, None without any. Index: tickets_twins."""
    query = (
        select(*SHOWN)
        .where(tickets.c.company_id == company_id, tickets.c.duplicate_key == duplicate_key)
        .order_by((tickets.c.status != Status.CLOSED).desc(), tickets.c.duplicate_number.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else from_row(row)


def add_unless_duplicate(session: Session, values: dict[str, Any]) -> Ticket | None:
    """Insert a ticket and return it; None where an open duplicate exists. Index: tickets_one_open_twin."""
    searched = search_text(values["title"], values["description"])
    row = session.execute(
        insert(tickets).values(**values, search_text=searched).on_conflict_do_nothing().returning(*SHOWN)
    ).one_or_none()
    return None if row is None else from_row(row)


def _one(session: Session, query: Any) -> Ticket:
    row = session.execute(query).one_or_none()
    if row is None:
        raise TicketNotFound
    return from_row(row)
