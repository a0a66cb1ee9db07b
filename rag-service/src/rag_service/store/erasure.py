"""What must go with a deleted document besides its passages: answers that quote it, and announcements that name it."""

from uuid import UUID

from service_kit.database.tables import idempotency_keys, outbox, parked, tombstones
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

GONE = (
    '{"type":"about:blank","title":"Gone","status":410,"code":"deleted","detail":"It quotes what was deleted since."}'
)
PROPOSED = "ticket.solution.proposed"

_ANSWERS = text("""
    update turns set answer = '', documents = '{}'
    where company_id = :company and :document = any(documents)
""")


# A request is numbered by its revision, and what came of it carries that number as its version. By outbox_subject.
_ANNOUNCED = text("""
    delete from outbox
    where company_id = :company and subject = :subject and type <> 'document.removal.requested'
        and (
            cast(:last as int) is null
            or case type when 'document.requested' then revision else cast(cast(body as json) ->> 'version' as int) end
                <= :last
        )
""")


def erase_quotes(session: Session, company_id: int, document: UUID, *, last: int | None = None) -> None:
    """Remove what conversations and announcements quote of a document, and the announcements that name it.

    An announcement that wasn't sent yet goes too; a consumer of one that was has to look whether the file is still
    there. `last` is the last version that is meant, of a document of an outside producer; None: all.
    """
    session.execute(_ANNOUNCED, {"company": company_id, "subject": f"document:{document}", "last": last})
    session.execute(_ANSWERS, {"company": company_id, "document": document})
    session.execute(
        delete(outbox).where(
            outbox.c.company_id == company_id,
            outbox.c.type == PROPOSED,
            func.strpos(outbox.c.body, str(document)) > 0,
        )
    )
    # Kept for a day only, so there are few; each quotes its sources by their ids.
    session.execute(
        update(idempotency_keys)
        .where(idempotency_keys.c.company_id == company_id, func.strpos(idempotency_keys.c.response, str(document)) > 0)
        .values(status=410, response=GONE)
    )
    session.execute(delete(parked).where(parked.c.company_id == company_id, parked.c.subject == f"document:{document}"))


def is_deleted(session: Session, company_id: int, subject: str) -> bool:
    """Return whether a subject was deleted: nothing that names it or quotes it is to be kept any more."""
    query = select(tombstones.c.subject).where(tombstones.c.company_id == company_id, tombstones.c.subject == subject)
    return session.execute(query).first() is not None
