"""Deletes what quotes or names a deleted document besides its passages: answers and announcements."""

from uuid import UUID

from service_kit.database.tables import idempotency_keys, outbox, parked, tombstones
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

GONE = (
    '{"type":"/problems/deleted","title":"Gone","status":410,"code":"deleted",'
    '"detail":"It quotes what was deleted since."}'
)
PROPOSED = "ticket.solution.proposed"

_ANSWERS = text("""
    update turns set answer = '', documents = '{}'
    where company_id = :company and :document = any(documents)
""")


# A request's number is its revision, and its results carry that number as their version. Index: outbox_subject.
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
    """Remove quotes of a document from conversations and announcements, and the announcements that name it.

    Unsent announcements are deleted, too; consumers of sent ones have to check whether the file still exists. `last`:
    the last version to delete, of an external producer's document; None: all.
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
    # Stored for a day only, so there are few; each names its sources by their ids.
    session.execute(
        update(idempotency_keys)
        .where(idempotency_keys.c.company_id == company_id, func.strpos(idempotency_keys.c.response, str(document)) > 0)
        .values(status=410, response=GONE)
    )
    session.execute(delete(parked).where(parked.c.company_id == company_id, parked.c.subject == f"document:{document}"))


def is_deleted(session: Session, company_id: int, subject: str) -> bool:
    """Return whether a subject was deleted; nothing that names or quotes it may be stored any more."""
    query = select(tombstones.c.subject).where(tombstones.c.company_id == company_id, tombstones.c.subject == subject)
    return session.execute(query).first() is not None
