"""Keep a person's draft of a reply: save, read and delete it."""

from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from ticket_service.domain.reply_draft import DraftNotFound, ReplyDraft
from ticket_service.store import reply_drafts, tickets
from ticket_service.store.reply_drafts import Key

DraftPrecondition = Precondition[ReplyDraft | None]


def save_draft(
    session: Session, key: Key, text: str, *, internal: bool, precondition: DraftPrecondition, own: str | None = None
) -> ReplyDraft:
    """Store the author's draft for a ticket in place of the earlier one and return it.

    `own` is the requester whose tickets alone count. Raises TicketNotFound, PreconditionFailed.
    """
    with session.begin():
        tickets.keep(session, key.company_id, key.ticket_id, own)
        precondition.check(reply_drafts.lock(session, key))
        return reply_drafts.save(session, key, text, internal=internal)


def read_draft(session: Session, key: Key, own: str | None = None) -> ReplyDraft:
    """Return the author's draft for a ticket; raise TicketNotFound, DraftNotFound."""
    tickets.get(session, key.company_id, key.ticket_id, own)
    draft = reply_drafts.find(session, key)
    if draft is None:
        raise DraftNotFound
    return draft


def delete_draft(session: Session, key: Key, precondition: DraftPrecondition, own: str | None = None) -> None:
    """Delete the author's draft for a ticket; raise TicketNotFound, DraftNotFound, PreconditionFailed."""
    with session.begin():
        tickets.keep(session, key.company_id, key.ticket_id, own)
        draft = reply_drafts.lock(session, key)
        if draft is None:
            raise DraftNotFound
        precondition.check(draft)
        reply_drafts.remove(session, key)
