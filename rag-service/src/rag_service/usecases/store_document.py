"""Stores the result of an ingestion: the document with its passages, and the event about it."""

from dataclasses import replace

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.document import FileVersion
from rag_service.store import chunks, documents, external_files
from rag_service.usecases.ingest import IngestResult


def store_document(session: Session, outcome: IngestResult, cause: Cause) -> None:
    """Store a version's passages in place of the older ones and publish the outcome, in the caller's transaction.

    A version that can't be read leaves the older passages in place. A large file's version is handed over to the queue
    of large files.
    """
    file_version = outcome.file_version
    if outcome.outdated or _is_removed(session, file_version):
        return
    if outcome.postponed:
        outbox.add(session, events.document_postponed(file_version, cause))
    elif outcome.failure is not None:
        _store_failure(session, outcome, cause)
    else:
        _store_passages(session, outcome, cause)


def _store_failure(session: Session, outcome: IngestResult, cause: Cause) -> None:
    file_version, failure = outcome.file_version, outcome.failure
    assert failure is not None
    document = documents.store_failure(session, file_version, reason_code=failure.code, reason=failure.reason)
    if document is not None:
        # The event is about the version, also where an older one's kind is kept in the row.
        outbox.add(session, events.document_failed(replace(document, kind=file_version.kind), cause))


def _store_passages(session: Session, outcome: IngestResult, cause: Cause) -> None:
    file_version = outcome.file_version
    document = documents.store_readable(
        session, file_version, pages=outcome.pages, chunks=len(outcome.chunks), report=outcome.report
    )
    if document is None:
        return  # a later version was ingested first
    chunks.replace(session, file_version.company_id, file_version.document, outcome.chunks)
    outbox.add(session, events.document_ingested(replace(document, version=file_version.version), cause))


def _is_removed(session: Session, file_version: FileVersion) -> bool:
    """Return whether an external producer removed it; there is no tombstone, because it may be requested again."""
    if file_version.origin != "outside":
        return False
    removed = external_files.last_removal(session, file_version.company_id, file_version.document)
    return removed >= file_version.version
