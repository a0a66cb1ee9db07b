"""Mark a ticket as read or unread for one person."""

from sqlalchemy.orm import Session

from ticket_service.store import read_marks, tickets


def mark_read(
    session: Session, company_id: int, ticket_id: int, reader: str, *, is_read: bool, own: str | None = None
) -> None:
    """Mark a ticket for a reader, as trails name it; later changes by others make it unread again.

    `own` is the requester whose tickets alone count. Raises TicketNotFound.
    """
    with session.begin():
        tickets.keep(session, company_id, ticket_id, own)
        read_marks.save(session, company_id, ticket_id, reader, unread=not is_read)
