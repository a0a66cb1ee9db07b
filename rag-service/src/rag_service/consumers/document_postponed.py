"""`document.postponed`: make a large file's text searchable, in a queue of its own that small files don't wait for."""

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
class Postponed:
    """The fields of `document.postponed` that this service uses."""

    document_id: str
    version: int
    name: str
    kind: str
    origin: str
    file_relative_path: str | None


def prepare(delivery: Delivery[Postponed], deps: Dependencies) -> IngestResult:
    """Fetch the file from where it is and ingest it."""
    body, company_id = delivery.body, delivery.envelope.company_id
    document, path = UUID(body.document_id), body.file_relative_path
    file_version = FileVersion(company_id, document, body.version, body.name, body.kind, body.origin, path)
    if path is not None:
        return deps.ingestor.ingest(file_version, lambda: deps.external_files.fetch(path))
    return deps.ingestor.ingest(file_version, lambda: deps.fetch_upload(company_id, document, body.version))


def apply(session: Session, deliveries: Sequence[Delivery[Postponed]], _deps: object) -> None:
    """Store the outcomes and publish them."""
    for delivery in deliveries:
        store_document(session, delivery.prepared, delivery.envelope.cause)


CONSUMER = Consumer("document.postponed", view=Postponed, apply=apply, queue="ingest-large", prepare=prepare)
