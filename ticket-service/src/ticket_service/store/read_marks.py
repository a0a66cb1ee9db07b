"""Which tickets a person has not read.

A ticket is unread where its trail has an entry by somebody else that is newer than the person's mark, or where the
person marked it as unread. A change of a ticket writes no row for its readers.
"""

from dataclasses import replace

from sqlalchemy import Boolean, ColumnElement, select, text, type_coerce
from sqlalchemy.orm import Session

from ticket_service.domain.ticket import Ticket
from ticket_service.store.tables import tickets

_MARK = "from read_marks where company_id = tickets.company_id and ticket_id = tickets.id and reader = :reader"
# The entries that requesters see (`domain.trail.PUBLIC_ENTRIES`) and the comments: a mark must not tell of notes.
_PUBLIC = """(
    e.event_type in ('created', 'status_change') or e.event_type = 'comment' and e.payload -> 'internal' = 'false'
)"""
# Predictions aren't news, neither are a ticket's first task, clocks that go on and an assignee's new address.
# A person's routing is.
_NEWS = """
    e.event_type not in ('solution_proposed', 'department_ignored', 'comment_rated')
    and (e.event_type <> 'routed' or e.actor like 'person:%')
    and (
        e.event_type <> 'assigned'
        or e.payload #>> '{before,assignee}' is distinct from e.payload #>> '{after,assignee}'
        or e.payload #>> '{before,step}' is not null and e.payload -> 'before' <> (e.payload -> 'after') - 'action'
    )
    and (e.event_type <> 'assigned' or e.payload #>> '{after,action}' is distinct from 'address changed')
    and e.payload ->> 'shown' is distinct from 'false'
"""


def unread_sql(*, public: bool) -> str:
    """Return the SQL condition on a row of `tickets` that it is unread for `:reader`; '' has read everything.

    `public` counts the entries that requesters see alone. Each row costs a lookup in the primary key of read_marks and
    one in ticket_events_of, because scalar subqueries with a limit can't become a join of whole tables.
    """
    return f"""(:reader <> '' and (
        coalesce((select unread {_MARK}), false)
        or coalesce((
            select true from ticket_events e
            where e.company_id = tickets.company_id and e.ticket_id = tickets.id
                and e.id > coalesce((select seen {_MARK}), 0) and e.actor <> :reader
                and {_PUBLIC if public else _NEWS}
            limit 1
        ), false)
    ))"""  # noqa: S608 - nothing in it comes from outside


def is_unread(reader: str, *, public: bool) -> ColumnElement[bool]:
    """Return the condition of `unread_sql` for a query of tickets."""
    return type_coerce(text(unread_sql(public=public)).bindparams(reader=reader), Boolean)


# The entries of a ticket are appended while it is locked, so that a later one has a higher id. Index: ticket_events_of.
_SAVE = text("""
    insert into read_marks (company_id, ticket_id, reader, seen, unread)
    select :company_id, :ticket_id, :reader, coalesce(max(id), 0), :unread
    from ticket_events where company_id = :company_id and ticket_id = :ticket_id
    on conflict (company_id, ticket_id, reader) do update set seen = excluded.seen, unread = excluded.unread
""")
# Index: read_marks_of_reader.
_REMOVE_ALL = text("delete from read_marks where company_id = :company_id and reader = :reader")


def save(session: Session, company_id: int, ticket_id: int, reader: str, *, unread: bool) -> None:
    """Mark a ticket as read, as it is now, or as unread."""
    values = {"company_id": company_id, "ticket_id": ticket_id, "reader": reader, "unread": unread}
    session.execute(_SAVE, values)


def for_reader(session: Session, ticket: Ticket, reader: str, *, public: bool) -> Ticket:
    """Return a ticket as it is for a person: unread or not. One that was deleted meanwhile is not."""
    of_ticket = (tickets.c.company_id == ticket.company_id, tickets.c.id == ticket.id)
    query = select(is_unread(reader, public=public)).select_from(tickets).where(*of_ticket)
    return replace(ticket, unread=bool(session.execute(query).scalar_one_or_none()))


def remove_all(session: Session, company_id: int, reader: str) -> None:
    """Delete all marks of a person."""
    session.execute(_REMOVE_ALL, {"company_id": company_id, "reader": reader})
