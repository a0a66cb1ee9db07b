"""Delete a ticket."""

from datetime import UTC, datetime

from eventbus.consume.inbox import end_subject
from eventbus.publish import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.ticket import Expected
from ticket_service.store import erasure, tickets
from ticket_service.usecases.request_context import RequestContext


def delete_ticket(session: Session, ticket_id: int, expected: Expected, context: RequestContext) -> None:
    """Delete a ticket, its trail and every copy of its text in this service; publish `ticket.deleted`.

    Raises TicketNotFound, StaleVersion.
    """
    with session.begin():
        # The subject comes first, because consumers lock a subject before its rows.
        end_subject(session, context.company_id, str(ticket_id))
        ticket = tickets.lock(session, context.company_id, ticket_id)
        ticket.check_version(expected)
        erasure.delete_copies(session, ticket.company_id, events.subject_of(ticket), ticket.uuid)
        tickets.remove(session, ticket)
        outbox.add(session, events.deleted(ticket, datetime.now(UTC), context.actor, context.cause))
