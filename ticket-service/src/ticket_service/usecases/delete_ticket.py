"""Delete a ticket."""

from datetime import UTC, datetime

from eventbus.consume.inbox import end_subject
from eventbus.publish import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.ticket import Expected
from ticket_service.ports import FileStorage
from ticket_service.store import attachments, blobs, erasure, tickets
from ticket_service.usecases.delete_orphaned_blobs import delete_now
from ticket_service.usecases.request_context import RequestContext


def delete_ticket(
    session: Session, storage: FileStorage, ticket_id: int, expected: Expected, context: RequestContext
) -> None:
    """Delete a ticket, its trail, its comments with their files, and every copy of its text in this service.

    Publishes `ticket.deleted`. Raises TicketNotFound, StaleVersion.
    """
    with session.begin():
        # The subject comes first, because consumers lock a subject before its rows.
        end_subject(session, context.company_id, str(ticket_id))
        ticket = tickets.lock(session, context.company_id, ticket_id)
        ticket.check_version(expected)
        erasure.delete_copies(session, ticket.company_id, events.subject_of(ticket), ticket.uuid)
        keys = attachments.keys_of_ticket(session, ticket)
        tickets.remove(session, ticket)
        unused = blobs.release_all(session, keys)
        outbox.add(session, events.deleted(ticket, datetime.now(UTC), context.actor, context.cause))
    delete_now(session, storage, unused)
