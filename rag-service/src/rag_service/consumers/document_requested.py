"""`document.requested` of external producers: make a file's text searchable; a large file is handed over to its own
queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.dependencies import Dependencies
from rag_service.domain.document import FileVersion
from rag_service.domain.external_events import kind_of
from rag_service.usecases.ingest import IngestResult
from rag_service.usecases.store_document import store_document


@dataclass(frozen=True)
class Requested:
    """The fields of `document.requested` that this service uses."""

    file_id: str
    file_relative_path: str
    original_name: str
    kind: str | None


def prepare(delivery: Delivery[Requested], deps: Dependencies) -> IngestResult:
    """Read the file from the folder of external producers and ingest it, unless it is large."""
    body = delivery.body
    kind = body.kind or kind_of(body.original_name)
    company_id, version = delivery.envelope.company_id, delivery.envelope.revision
    path = body.file_relative_path
    file_version = FileVersion(company_id, UUID(body.file_id), version, body.original_name, kind, "outside", path)
    return deps.ingestor.ingest_small(file_version, lambda: deps.external_files.fetch(path))


def apply(session: Session, deliveries: Sequence[Delivery[Requested]], _deps: object) -> None:
    """Store the outcomes and publish them."""
    for delivery in deliveries:
        store_document(session, delivery.prepared, delivery.envelope.cause)


CONSUMER = Consumer("document.requested", view=Requested, apply=apply, queue="ingest", prepare=prepare)
