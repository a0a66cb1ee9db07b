"""Deletes the copies of a deleted ticket's or file's content: outbox, failed events, stored answers."""

from uuid import UUID

from service_kit.database.tables import idempotency_keys, outbox, parked
from sqlalchemy import delete, func, text, update
from sqlalchemy.orm import Session

GONE = '{"type":"/problems/deleted","title":"Gone","status":410,"code":"deleted","detail":"It was deleted since."}'


# Filtered by type without an index: rows are few, because each is retried for a quarter of an hour at most.
_DELETE_FAILED_PROPOSALS = text("""
    delete from parked
    where company_id = :company and type = 'ticket.solution.proposed'
        and position(convert_to(:file, 'UTF8') in body) > 0
""")


def delete_failed_proposals(session: Session, company_id: int, file_id: UUID) -> None:
    """Delete parked `ticket.solution.proposed` events that quote a file: they hold its name and text."""
    session.execute(_DELETE_FAILED_PROPOSALS, {"company": company_id, "file": str(file_id)})


def delete_copies(session: Session, company_id: int, subject: str, uuid: UUID) -> None:
    """Delete a subject's events from the outbox and the parked events, and replace stored answers that quote it by 410.

    Unpublished events are deleted too: a consumer that never saw them needs only the deletion event.
    """
    for copies in (outbox, parked):
        session.execute(delete(copies).where(copies.c.company_id == company_id, copies.c.subject == subject))
    replace_answers(session, company_id, uuid)


def replace_answers(session: Session, company_id: int, uuid: UUID) -> None:
    """Replace stored answers that quote a ticket, a file or a comment by 410."""
    # The search has no index: answers are kept for a day, so they are few. Only those about the subject quote its UUID.
    session.execute(
        update(idempotency_keys)
        .where(
            idempotency_keys.c.company_id == company_id,
            func.strpos(idempotency_keys.c.response, str(uuid)) > 0,
        )
        .values(status=410, response=GONE)
    )
