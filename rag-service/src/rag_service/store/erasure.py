"""What must go with a deleted document besides its passages: answers that quote it."""

from uuid import UUID

from service_kit.database.tables import outbox, parked
from sqlalchemy import delete, func, text
from sqlalchemy.orm import Session

PROPOSED = "ticket.solution.proposed"

_ANSWERS = text("""
    update turns set answer = '', documents = '{}'
    where company_id = :company and :document = any(documents)
""")


def forget_words(session: Session, company: int, document: UUID) -> None:
    """Remove what conversations and announcements quote of a document.

    An announcement that wasn't sent yet goes too; who gets one that was has to look whether the file is still there.
    """
    session.execute(_ANSWERS, {"company": company, "document": document})
    session.execute(
        delete(outbox).where(
            outbox.c.company_id == company,
            outbox.c.type == PROPOSED,
            func.strpos(outbox.c.body, str(document)) > 0,
        )
    )
    session.execute(delete(parked).where(parked.c.company_id == company, parked.c.subject == f"document:{document}"))
