"""Accepts an external producer's event: stores it as an event of this service, which the consumers process."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from eventbus.event import Event
from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.errors import InvalidExternalEvent
from rag_service.domain.external_events import FILE_DELETED, FILE_UPLOADED, KIND_BY_EXTENSION, ExternalRequest
from rag_service.store import erasure, external_files


def accept_event(
    session: Session,
    request: ExternalRequest,
    relative: Callable[[str], str],
    cause: Cause,
    *,
    idempotency_key: IdempotencyKey[ExternalRequest] | None = None,
) -> None:
    """Store the event; once this returned, it will be processed even if the process dies.

    `relative` converts a path into one relative to the readable folder, or raises ValueError, which becomes
    InvalidExternalEvent. Raises Replayed for a repeated Idempotency-Key.
    """
    event = _event(request, relative, cause)
    with session.begin():
        if idempotency_key is not None:
            idempotency_key.claim(session)
        if request.ticket_id is not None and erasure.is_deleted(session, request.company_id, str(request.ticket_id)):
            return  # its text would stay in the outbox for days without a consumer
        if request.file is not None:
            # Requests and removals travel in different queues; their numbers give the order.
            number = external_files.count_request(
                session, request.company_id, request.file, removal=request.event == FILE_DELETED
            )
            event = replace(event, revision=number)
        outbox.add(session, event)
        if idempotency_key is not None:
            idempotency_key.store(session, request)


def _event(request: ExternalRequest, relative: Callable[[str], str], cause: Cause) -> Event:
    if request.event == FILE_UPLOADED:
        assert request.file
        assert request.path
        assert request.name
        try:
            path = relative(request.path)
        except ValueError as error:
            raise InvalidExternalEvent(f"file_path: {error}") from None
        if request.kind is None and PurePath(request.name).suffix.casefold() not in KIND_BY_EXTENSION:
            raise InvalidExternalEvent("kind: must be given where the name doesn't tell it")
        return events.document_requested(request.company_id, request.file, path, request.name, request.kind, cause)
    if request.event == FILE_DELETED:
        assert request.file
        return events.document_removal_requested(request.company_id, request.file, cause)
    assert request.ticket_id
    assert request.description is not None
    return events.solution_requested(
        request.company_id, request.ticket_id, request.ticket_uuid, request.title or "", request.description, cause
    )
