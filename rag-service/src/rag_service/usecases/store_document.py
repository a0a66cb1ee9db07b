"""Stores the result of an ingestion: the document with its passages, and the event about it."""

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.document import DocumentState
from rag_service.store import chunks, documents, external_files
from rag_service.usecases.ingest import IngestResult


def store_document(session: Session, outcome: IngestResult, cause: Cause) -> None:
    """Replace the document's passages by the new version's, and publish the outcome, in the caller's transaction."""
    file_version, failure = outcome.file_version, outcome.failure
    company_id, document_id = file_version.company_id, file_version.document
    if outcome.outdated:
        return
    if (
        file_version.origin == "outside"
        and external_files.last_removal(session, company_id, document_id) >= file_version.version
    ):
        return  # there is no tombstone, because its producer may request it again
    document = documents.upsert_if_newer(
        session,
        company_id,
        document_id,
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
        return  # a later version was ingested first
    # An unreadable version deletes the old passages, because the file's content has changed.
    chunks.replace(session, company_id, document_id, outcome.chunks)
    announce = events.document_ingested if failure is None else events.document_failed
    outbox.add(session, announce(document, cause))
