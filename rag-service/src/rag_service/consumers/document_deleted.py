"""`document.deleted`: remove a document's vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.dependencies import Dependencies
from rag_service.usecases.rebuild import newest_version
from rag_service.usecases.wait_for_vectors import retried_while_vectors_are_down


@dataclass(frozen=True)
class Deleted:
    """The fields of `document.deleted` that this service uses."""

    document_id: str


def prepare(delivery: Delivery[Deleted], deps: Dependencies) -> None:
    """Remove the document's vectors, but not those of a current version: its producer may have requested it again."""
    company_id, document = delivery.envelope.company_id, UUID(delivery.body.document_id)
    with retried_while_vectors_are_down():
        version = newest_version(deps.database, company_id, document)
        if version is None:
            deps.vectors.delete_document(company_id, document)
        else:
            deps.vectors.delete_older_versions(company_id, document, version)


def apply(_session: Session, _deliveries: Sequence[Delivery[Deleted]], _deps: object) -> None:
    """Have no effect beyond the inbox entry."""


CONSUMER = Consumer("document.deleted", view=Deleted, apply=apply, queue="clear-vectors", prepare=prepare)
