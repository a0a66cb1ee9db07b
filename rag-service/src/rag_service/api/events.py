"""`POST /rag/events`: events of external producers that do not use the queue."""

from typing import Any

from flask import Response, g
from marshmallow import INCLUDE, Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.problems import Invalid
from service_kit.identity import ADMIN, MANAGER, SERVICE

from rag_service.api.fields import callers_company
from rag_service.dependencies import Dependencies
from rag_service.domain.errors import InvalidExternalEvent
from rag_service.domain.external_events import EVENT_SPELLINGS, ExternalRequest, parse_object
from rag_service.usecases.accept_event import accept_event

events = Blueprint("events", __name__, description="Events of outside producers.")


class ExternalEvent(Schema):
    """An event with its fields, or with them as its payload."""

    class Meta:
        """The other fields depend on the event and are validated with it."""

        unknown = INCLUDE

    event = fields.String(required=True, validate=validate.OneOf(sorted(EVENT_SPELLINGS)))


class AcceptedEvent(Schema):
    """An accepted event."""

    status = fields.String(required=True)
    event = fields.String(required=True)


@events.post("/rag/events")
@allowed(MANAGER, ADMIN, SERVICE)
@events.arguments(ExternalEvent, example={"event": "file.deleted", "company_id": 1, "file_id": 17})
@events.response(202, AcceptedEvent)
def post_event(body: dict[str, Any]) -> Response:
    """Accept an event: `file.uploaded`, `file.deleted` or `ticket.created`; it is stored before the response."""
    try:
        request = parse_object(body)
        callers_company(request.company_id)
        accept_event(g.session, request, _relative, g.cause, idempotency_key=read_idempotency_key(_accepted))
    except InvalidExternalEvent as error:
        field, _, message = str(error).partition(": ")
        raise Invalid(
            "The event can't be taken; see `errors`.",
            errors=[{"field": field, "message": message}],
        ) from error
    return _accepted(request)


def _accepted(request: ExternalRequest) -> Response:
    return json_response({"status": "accepted", "event": request.event}, 202)


def _relative(path: str) -> str:
    """Return a path relative to the folder of external files; raise ValueError if it is outside, or another company's.

    All companies share the folder: only the operator's people and services may name any file of it.
    """
    deps: Dependencies = g.deps
    found, company_id = deps.external_files.relative(path), g.caller.company_id
    if g.caller.role == SERVICE or company_id == deps.operator or found.startswith(f"{company_id}/"):
        return found
    raise ValueError(f"the path doesn't lie below RAG_FILES_BASE_PATH/{company_id}, the company's own folder")
