"""The events that this service publishes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from eventbus.event import Event
from eventbus.wire import rfc3339
from model_kit.claude.usage import Usage
from service_kit.telemetry.cause import Cause

from rag_service.domain.document import Document, FileVersion


def document_ingested(document: Document, cause: Cause) -> Event:
    """A version of a document is searchable."""
    more = {"chunks": document.chunks, "pages": document.pages, "ingested_at": _now()}
    return _document("document.ingested", document, more, cause)


def document_failed(document: Document, cause: Cause) -> Event:
    """A version of a document is unreadable, with the reason."""
    more = {"reason_code": document.reason_code, "reason": document.reason, "failed_at": _now()}
    return _document("document.failed", document, more, cause)


def document_deleted(company_id: int, document: UUID, revision: int, cause: Cause) -> Event:
    """A document is deleted."""
    body = {"document_id": str(document), "company_id": company_id, "deleted_at": _now()}
    return Event("document.deleted", _subject(document), company_id, revision, body, cause)


def document_postponed(file_version: FileVersion, cause: Cause) -> Event:
    """A version of a file is large, and is read after smaller ones."""
    body = {
        "document_id": str(file_version.document),
        "company_id": file_version.company_id,
        "version": file_version.version,
        "name": file_version.name,
        "kind": file_version.kind,
        "origin": file_version.origin,
        "file_relative_path": file_version.path,
        "postponed_at": _now(),
    }
    subject = _subject(file_version.document)
    return Event("document.postponed", subject, file_version.company_id, file_version.version, body, cause)


def document_requested(company_id: int, file: UUID, path: str, name: str, kind: str | None, cause: Cause) -> Event:
    """Ingestion of an external producer's file is requested."""
    body = {
        "file_id": str(file),
        "company_id": company_id,
        "file_relative_path": path,
        "original_name": name,
        "kind": kind,
        "requested_at": _now(),
    }
    return Event("document.requested", _subject(file), company_id, 1, body, cause)


def document_removal_requested(company_id: int, file: UUID, cause: Cause) -> Event:
    """Deletion of an external producer's document is requested."""
    body = {"file_id": str(file), "company_id": company_id, "requested_at": _now()}
    return Event("document.removal.requested", _subject(file), company_id, 1, body, cause)


def rebuild_requested(company_id: int, number: int, cause: Cause) -> Event:
    """A rebuild of a company's vectors is requested."""
    body = {"company_id": company_id, "requested_at": _now()}
    return Event("vectors.rebuild.requested", f"rebuild:{company_id}:{number}", company_id, 1, body, cause)


def tuning_requested(company_id: int, number: int, *, keep: bool, cause: Cause) -> Event:
    """A tuning of a company's retrieval is requested."""
    body = {"company_id": company_id, "number": number, "keep": keep, "requested_at": _now()}
    return Event("retrieval.tuning.requested", f"tuning:{company_id}:{number}", company_id, 1, body, cause)


def solution_requested(
    company_id: int, ticket_id: int, ticket_uuid: str | None, title: str, description: str, cause: Cause
) -> Event:
    """Steps for an external producer's ticket are requested."""
    body = {
        "ticket_id": ticket_id,
        "ticket_uuid": ticket_uuid,
        "company_id": company_id,
        "title": title,
        "description": description,
        "requested_at": _now(),
    }
    return Event("solution.requested", str(ticket_id), company_id, 1, body, cause)


def solution_proposed(
    company_id: int,
    ticket_id: int,
    ticket_uuid: str | None,
    revision: int,
    *,
    mode: str,
    steps: Sequence[Mapping[str, Any]],
    confidence: float,
    sources: Sequence[Mapping[str, Any]],
    needs_human: bool,
    cause: Cause,
) -> Event:
    """Steps that may solve a ticket are proposed."""
    body = {
        "ticket_id": ticket_id,
        "ticket_uuid": ticket_uuid,
        "company_id": company_id,
        "mode": mode,
        "steps": list(steps),
        "confidence": confidence,
        "sources": list(sources),
        "needs_human": needs_human,
        "proposed_at": _now(),
    }
    return Event("ticket.solution.proposed", str(ticket_id), company_id, revision, body, cause)


def model_used(company_id: int, ticket_id: int | None, purpose: str, usage: Usage, cause: Cause) -> Event:
    """A paid model was called, with its usage and cost; ai-service keeps the ledger."""
    tokens = usage.tokens
    body = {
        "company_id": company_id,
        "ticket_id": ticket_id,
        "purpose": purpose,
        "model": usage.model,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_read_tokens": tokens.cache_read,
        "cache_write_tokens": tokens.cache_write,
        "cost_micro_usd": None if usage.cost_micro_usd is None else float(usage.cost_micro_usd),
        "request_id": usage.request_id,
        "used_at": _now(),
    }
    # A subject of its own, not the ticket's: the money is spent even if the ticket is deleted.
    return Event("model.used", f"usage:{uuid4()}", company_id, 1, body, cause)


def _document(kind: str, document: Document, more: Mapping[str, Any], cause: Cause) -> Event:
    body = {
        "document_id": str(document.id),
        "company_id": document.company_id,
        "version": document.version,
        "name": document.name,
        "kind": document.kind,
        **more,
    }
    return Event(kind, _subject(document.id), document.company_id, document.revision, body, cause)


def _subject(document: UUID) -> str:
    # Not the file's id alone, because the deletion of the file's subject would stop the document's own events.
    return f"document:{document}"


def _now() -> str:
    return rfc3339(datetime.now(UTC))
