"""Tickets, locked in batches and in one order, so that replicas don't deadlock."""

from collections.abc import Iterable, Mapping

from projection_kit.changes import together
from projection_kit.locked_rows import Key, LockedRows
from service_kit.database.statements import run
from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.ticket import Ticket

_TICKETS = LockedRows(
    "tickets",
    Ticket,
    types={
        "company_id": "int",
        "ticket_id": "bigint",
        "requester_id": "bigint",
        "assigned_revision": "int",
        "team_id": "bigint",
        "gone": "boolean",
    },
)


def lock(session: Session, keys: Iterable[Key]) -> dict[Key, Ticket]:
    """Lock tickets until the transaction ends and return them; unknown ones are inserted."""
    return _TICKETS.lock(session, keys)


def save(session: Session, before: Mapping[Key, Ticket], after: Mapping[Key, Ticket]) -> None:
    """Store the locked tickets that changed."""
    changed = [ticket for key, ticket in after.items() if ticket != before[key]]
    if changed:
        run(session, *together([_TICKETS.save(changed)]))


def requester_of(session: Session, company_id: int, ticket_id: int) -> int | None:
    """Return the number of a ticket's requester; None where there is none, or no such ticket."""
    query = text("select requester_id from tickets where company_id = :company and ticket_id = :ticket and not gone")
    found: int | None = session.execute(query, {"company": company_id, "ticket": ticket_id}).scalar_one_or_none()
    return found
