"""What must go with a deleted ticket besides its own rows."""

from service_kit.database.tables import idempotency_keys, outbox, parked
from sqlalchemy import delete, func, update
from sqlalchemy.orm import Session

from ticket_service.domain.ticket import Ticket
from ticket_service.events import subject_of

GONE = '{"type":"about:blank","title":"Gone","status":410,"code":"deleted","detail":"The ticket was deleted since."}'


def forget_copies(session: Session, ticket: Ticket) -> None:
    """Remove the ticket's text from earlier announcements, from events that failed here and from stored answers.

    An announcement that wasn't sent yet goes too: whoever never heard of the ticket needs only hear that it is gone.
    """
    for copies in (outbox, parked):
        session.execute(
            delete(copies).where(copies.c.company_id == ticket.company_id, copies.c.subject == subject_of(ticket))
        )
    # Kept for a day only, so there are few; the UUID is in no other answer but by being quoted there.
    session.execute(
        update(idempotency_keys)
        .where(
            idempotency_keys.c.company_id == ticket.company_id,
            func.strpos(idempotency_keys.c.response, str(ticket.uuid)) > 0,
        )
        .values(status=410, response=GONE)
    )
