"""Delete a ticket."""

from datetime import UTC, datetime

from service_kit.messaging import outbox
from service_kit.messaging.inbox import end_subject
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.ticket import Expected
from ticket_service.store import erasure, tickets
from ticket_service.usecases.origin import Origin


def delete_ticket(session: Session, ticket_id: int, expected: Expected, origin: Origin) -> None:
    """Remove a ticket, its trail and every copy of its text that is kept here; announce that it is gone.

    Raises TicketNotFound, StaleVersion.
    """
    with session.begin():
        # First, because consumers lock a subject before its rows.
        end_subject(session, origin.company_id, str(ticket_id))
        ticket = tickets.lock(session, origin.company_id, ticket_id)
        ticket.expect(expected)
        erasure.forget_copies(session, ticket.company_id, events.subject_of(ticket), ticket.uuid)
        tickets.remove(session, ticket)
        outbox.add(session, events.deleted(ticket, datetime.now(UTC), origin.actor, origin.cause))
