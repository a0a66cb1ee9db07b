"""`file.uploaded`: make a file's text searchable."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.dependencies import Dependencies
from rag_service.usecases.ingest import FileVersion, IngestResult
from rag_service.usecases.store_document import store_document


@dataclass(frozen=True)
class Uploaded:
    """The fields of `file.uploaded` that this service uses."""

    file_id: str
    original_name: str
    kind: str
    version: int


def prepare(delivery: Delivery[Uploaded], deps: Dependencies) -> IngestResult:
    """Fetch the file from ticket-service and ingest it."""
    body, company_id = delivery.body, delivery.envelope.company_id
    file = UUID(body.file_id)
    file_version = FileVersion(company_id, file, body.version, body.original_name, body.kind, "file")
    return deps.ingestor.ingest(file_version, lambda: deps.fetch_upload(company_id, file, body.version))


def apply(session: Session, deliveries: Sequence[Delivery[Uploaded]], _deps: object) -> None:
    """Replace the documents' passages by the new version's, and publish the outcome."""
    for delivery in deliveries:
        store_document(session, delivery.prepared, delivery.envelope.cause)


CONSUMER = Consumer("file.uploaded", view=Uploaded, apply=apply, queue="ingest", prepare=prepare)
