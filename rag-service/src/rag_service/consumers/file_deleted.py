"""`file.deleted`, and `document.removal.requested` of outside producers: forget a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service_kit.messaging import outbox
from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.store import documents, erasure

REMOVAL = "document.removal.requested"


@dataclass(frozen=True)
class Deleted:
    """What this service needs of both."""

    file_id: str


def apply(session: Session, deliveries: Sequence[Delivery[Deleted]]) -> None:
    """Delete the document with its passages; its vectors follow, for nobody finds them any more.

    Told even where there was no row: a reading that was cut off may have left vectors.
    """
    for delivery in deliveries:
        company_id, file = delivery.envelope.company_id, UUID(delivery.body.file_id)
        # A removal that comes late takes nothing away that its producer asked for afterwards.
        last = delivery.envelope.revision if delivery.envelope.type == REMOVAL else None
        gone = documents.remove(session, company_id, file, last=last)
        erasure.erase_quotes(session, company_id, file, last=last)
        revision = gone.revision + 1 if gone is not None else 1
        outbox.add(session, events.document_deleted(company_id, file, revision, delivery.envelope.cause))


HANDLER = Handler(Deleted, apply)
