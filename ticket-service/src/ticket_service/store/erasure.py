"""What must go with a deleted ticket or file besides its own rows."""

from uuid import UUID

from service_kit.database.tables import idempotency_keys, outbox, parked
from sqlalchemy import delete, func, text, update
from sqlalchemy.orm import Session

GONE = '{"type":"about:blank","title":"Gone","status":410,"code":"deleted","detail":"It was deleted since."}'


# By the type: there are never many, for each is tried again for a quarter of an hour at most.
_QUOTES = text("""
    delete from parked
    where company_id = :company and type = 'ticket.solution.proposed'
        and position(convert_to(:file, 'UTF8') in body) > 0
""")


def forget_quotes(session: Session, company_id: int, file_id: UUID) -> None:
    """Remove proposals that failed here and quote a file: they hold its name and its words."""
    session.execute(_QUOTES, {"company": company_id, "file": str(file_id)})


def forget_copies(session: Session, company_id: int, subject: str, uuid: UUID) -> None:
    """Remove what was said of a subject in earlier announcements, in events that failed here, in stored answers.

    An announcement that wasn't sent yet goes too: whoever never heard of it needs only hear that it is gone.
    """
    for copies in (outbox, parked):
        session.execute(delete(copies).where(copies.c.company_id == company_id, copies.c.subject == subject))
    # Kept for a day only, so there are few; the UUID is in no other answer but by being quoted there.
    session.execute(
        update(idempotency_keys)
        .where(
            idempotency_keys.c.company_id == company_id,
            func.strpos(idempotency_keys.c.response, str(uuid)) > 0,
        )
        .values(status=410, response=GONE)
    )
