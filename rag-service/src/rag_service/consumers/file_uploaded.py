"""`file.uploaded`, and `document.requested` of outside producers: make a file's text searchable."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from service_kit.messaging import outbox
from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.document import DocumentState
from rag_service.store import chunks, documents, external_files
from rag_service.usecases.ingest import Fetch, FileVersion, Outcome


@dataclass(frozen=True)
class Uploaded:
    """What this service needs of `file.uploaded`."""

    file_id: str
    original_name: str
    kind: str
    version: int


@dataclass(frozen=True)
class Requested:
    """What this service needs of `document.requested`."""

    file_id: str
    file_relative_path: str
    original_name: str
    kind: str | None


class IngestsFiles(Protocol):
    """Reads files outside any transaction."""

    def ingest(self, wanted: FileVersion, fetch: Fetch) -> Outcome:
        """Return what a file says, or why it says nothing; raise NotNow."""


def uploaded(ingestor: IngestsFiles, fetch: Callable[[int, UUID, int], bytes]) -> Handler[Uploaded]:
    """Return the handler of files that ticket-service keeps; `fetch(company, file, version)` gets their bytes."""

    def prepare(delivery: Delivery[Uploaded]) -> Outcome:
        body, company_id = delivery.body, delivery.envelope.company_id
        file = UUID(body.file_id)
        wanted = FileVersion(company_id, file, body.version, body.original_name, body.kind, "file")
        return ingestor.ingest(wanted, lambda: fetch(company_id, file, body.version))

    return Handler(Uploaded, apply, prepare)


def requested(
    ingestor: IngestsFiles, fetch: Callable[[str], bytes], kind_of: Callable[[str], str]
) -> Handler[Requested]:
    """Return the handler of files that outside producers keep; `kind_of` guesses by name where they don't say."""

    def prepare(delivery: Delivery[Requested]) -> Outcome:
        body = delivery.body
        kind = body.kind or kind_of(body.original_name)
        company_id, version = delivery.envelope.company_id, delivery.envelope.revision
        wanted = FileVersion(company_id, UUID(body.file_id), version, body.original_name, kind, "outside")
        return ingestor.ingest(wanted, lambda: fetch(body.file_relative_path))

    return Handler(Requested, apply, prepare)


def apply(session: Session, deliveries: Sequence[Delivery[Uploaded]] | Sequence[Delivery[Requested]]) -> None:
    """Put what was read in place of what the document said before, and tell it."""
    for delivery in deliveries:
        outcome: Outcome = delivery.prepared
        wanted, failure = outcome.wanted, outcome.failure
        if outcome.outdated:
            continue
        if (
            wanted.origin == "outside"
            and external_files.removed(session, wanted.company_id, wanted.document) >= wanted.version
        ):
            continue  # no tombstone keeps it out, for its producer may name it again
        document = documents.enter(
            session,
            wanted.company_id,
            wanted.document,
            name=wanted.name,
            kind=wanted.kind,
            origin=wanted.origin,
            version=wanted.version,
            state=DocumentState.READY if failure is None else DocumentState.FAILED,
            reason_code=failure.code if failure else None,
            reason=failure.reason if failure else None,
            pages=outcome.pages,
            chunks=len(outcome.chunks),
        )
        if document is None:
            continue  # a later version was read first
        # An unreadable version takes the old passages with it: the file says something else now.
        chunks.replace(session, wanted.company_id, wanted.document, outcome.chunks)
        announce = events.document_ingested if failure is None else events.document_failed
        outbox.add(session, announce(document, delivery.envelope.cause))
