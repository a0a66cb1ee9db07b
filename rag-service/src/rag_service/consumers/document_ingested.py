"""`document.ingested` and `document.failed`: remove the vectors of a document's older versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.dependencies import Dependencies
from rag_service.usecases.rebuild import refill, searchable_version
from rag_service.usecases.wait_for_vectors import retried_while_vectors_are_down


@dataclass(frozen=True)
class Ingested:
    """The fields of both events that this service uses."""

    document_id: str


def prepare(delivery: Delivery[Ingested], deps: Dependencies) -> None:
    """Remove the vectors of versions older than the searchable one; later versions may already have vectors.

    The searchable version is older than the event's if that one can't be read. Then store vectors again that a rebuild
    removed while the document was being ingested.
    """
    company_id, document = delivery.envelope.company_id, UUID(delivery.body.document_id)
    with retried_while_vectors_are_down():
        version = searchable_version(deps.database, company_id, document)
        if version is not None:
            deps.vectors.delete_older_versions(company_id, document, version)
        refill(deps.database, deps.vectors, company_id, document)


def apply(_session: Session, _deliveries: Sequence[Delivery[Ingested]], _deps: object) -> None:
    """Have no effect beyond the inbox entry."""


CONSUMER = Consumer(
    ("document.ingested", "document.failed"), view=Ingested, apply=apply, queue="clear-vectors", prepare=prepare
)
