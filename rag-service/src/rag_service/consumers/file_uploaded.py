"""`file.uploaded`: make a file's text searchable; a large file is handed over to its own queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.dependencies import Dependencies
from rag_service.domain.document import FileVersion
from rag_service.usecases.ingest import IngestResult
from rag_service.usecases.store_document import store_document


@dataclass(frozen=True)
class Uploaded:
    """The fields of `file.uploaded` that this service uses."""

    file_id: str
    original_name: str
    kind: str
    version: int
    size_bytes: int


def prepare(delivery: Delivery[Uploaded], deps: Dependencies) -> IngestResult:
    """Fetch the file from ticket-service and ingest it, unless it is large."""
    body, company_id = delivery.body, delivery.envelope.company_id
    file = UUID(body.file_id)
    file_version = FileVersion(company_id, file, body.version, body.original_name, body.kind, "file")
    return deps.ingestor.ingest_small(
        file_version, lambda: deps.fetch_upload(company_id, file, body.version), size_bytes=body.size_bytes
    )


def apply(session: Session, deliveries: Sequence[Delivery[Uploaded]], _deps: object) -> None:
    """Store the outcomes and publish them."""
    for delivery in deliveries:
        store_document(session, delivery.prepared, delivery.envelope.cause)


CONSUMER = Consumer("file.uploaded", view=Uploaded, apply=apply, queue="ingest", prepare=prepare)
