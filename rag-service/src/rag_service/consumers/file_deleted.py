"""`file.deleted`, and `document.removal.requested` of external producers: delete a document."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.publish import outbox
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.store import documents, erasure

REMOVAL = "document.removal.requested"


@dataclass(frozen=True)
class Deleted:
    """The fields of both events that this service uses."""

    file_id: str


def apply(session: Session, deliveries: Sequence[Delivery[Deleted]], _deps: object) -> None:
    """Delete the document with its passages; the event deletes its vectors, which nothing finds any more.

    The event is published even without a row, because an interrupted ingestion may have left vectors.
    """
    for delivery in deliveries:
        company_id, file = delivery.envelope.company_id, UUID(delivery.body.file_id)
        # A late removal must not delete a document that its producer requested afterwards.
        last = delivery.envelope.revision if delivery.envelope.type == REMOVAL else None
        gone = documents.remove(session, company_id, file, last=last)
        erasure.erase_quotes(session, company_id, file, last=last)
        revision = gone.revision + 1 if gone is not None else 1
        outbox.add(session, events.document_deleted(company_id, file, revision, delivery.envelope.cause))


CONSUMER = Consumer(("file.deleted", REMOVAL), view=Deleted, apply=apply, queue="forget-files")
