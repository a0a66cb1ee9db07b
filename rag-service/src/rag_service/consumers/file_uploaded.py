"""`file.uploaded`, and `document.requested` of external producers: make a file's text searchable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from service_kit.messaging.publish import outbox
from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.document import DocumentState
from rag_service.store import chunks, documents, external_files
from rag_service.usecases.ingest import Fetch, FileVersion, IngestResult


@dataclass(frozen=True)
class Uploaded:
    """The fields of `file.uploaded` that this service uses."""

    file_id: str
    original_name: str
    kind: str
    version: int


@dataclass(frozen=True)
class Requested:
    """The fields of `document.requested` that this service uses."""

    file_id: str
    file_relative_path: str
    original_name: str
    kind: str | None


class FileIngestor(Protocol):
    """Ingests files outside any transaction."""

    def ingest(self, file_version: FileVersion, fetch: Fetch) -> IngestResult:
        """Return a file's passages, or why there are none; raise RetryLater."""


def uploaded(ingestor: FileIngestor, fetch: Callable[[int, UUID, int], bytes]) -> Handler[Uploaded]:
    """Return the handler of uploaded files; `fetch(company_id, file, version)` returns their bytes."""

    def prepare(delivery: Delivery[Uploaded]) -> IngestResult:
        body, company_id = delivery.body, delivery.envelope.company_id
        file = UUID(body.file_id)
        file_version = FileVersion(company_id, file, body.version, body.original_name, body.kind, "file")
        return ingestor.ingest(file_version, lambda: fetch(company_id, file, body.version))

    return Handler(Uploaded, apply, prepare)


def requested(
    ingestor: FileIngestor, fetch: Callable[[str], bytes], kind_of: Callable[[str], str]
) -> Handler[Requested]:
    """Return the handler of external producers' files; `kind_of(name)` guesses a kind that is not given."""

    def prepare(delivery: Delivery[Requested]) -> IngestResult:
        body = delivery.body
        kind = body.kind or kind_of(body.original_name)
        company_id, version = delivery.envelope.company_id, delivery.envelope.revision
        file_version = FileVersion(company_id, UUID(body.file_id), version, body.original_name, kind, "outside")
        return ingestor.ingest(file_version, lambda: fetch(body.file_relative_path))

    return Handler(Requested, apply, prepare)


def apply(session: Session, deliveries: Sequence[Delivery[Uploaded]] | Sequence[Delivery[Requested]]) -> None:
    """Replace the document's passages by the new version's, and publish the outcome."""
    for delivery in deliveries:
        outcome: IngestResult = delivery.prepared
        file_version, failure = outcome.file_version, outcome.failure
        if outcome.outdated:
            continue
        if (
            file_version.origin == "outside"
            and external_files.last_removal(session, file_version.company_id, file_version.document)
            >= file_version.version
        ):
            continue  # there is no tombstone, because its producer may request it again
        document = documents.upsert_if_newer(
            session,
            file_version.company_id,
            file_version.document,
            name=file_version.name,
            kind=file_version.kind,
            origin=file_version.origin,
            version=file_version.version,
            state=DocumentState.READY if failure is None else DocumentState.FAILED,
            reason_code=failure.code if failure else None,
            reason=failure.reason if failure else None,
            pages=outcome.pages,
            chunks=len(outcome.chunks),
        )
        if document is None:
            continue  # a later version was ingested first
        # An unreadable version deletes the old passages, because the file's content has changed.
        chunks.replace(session, file_version.company_id, file_version.document, outcome.chunks)
        announce = events.document_ingested if failure is None else events.document_failed
        outbox.add(session, announce(document, delivery.envelope.cause))
