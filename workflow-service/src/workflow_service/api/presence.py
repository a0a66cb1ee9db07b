"""`/api/presence`: whether the caller takes new work."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.precondition import Precondition, conditional, digest_tag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER

from workflow_service.api.callers import address_of_tasks
from workflow_service.api.fields import Flag
from workflow_service.domain.presence import Presence, is_available
from workflow_service.usecases.set_presence import get_presence, set_presence

presence = Blueprint("presence", __name__, description="Whether people take new work.")


class PresenceChange(Schema):
    """Whether the caller takes new work, and until when; the opposite holds afterwards."""

    available = Flag(required=True)
    until = fields.AwareDateTime(load_default=None, allow_none=True)


class PresenceView(Schema):
    """Whether the caller takes new work now, and until when that holds."""

    available = fields.Boolean(required=True)
    until = fields.DateTime(required=True, allow_none=True)


@presence.get("/api/presence")
@allowed(AGENT, MANAGER, ADMIN)
@presence.response(200, PresenceView)
def show_presence() -> Response:
    """Show whether the caller takes new work."""
    return _answer(get_presence(g.session, g.caller.company_id, address_of_tasks()))


@presence.put("/api/presence")
@allowed(AGENT, MANAGER, ADMIN)
@conditional
@presence.arguments(PresenceChange, example={"available": False, "until": None})
@presence.response(200, PresenceView)
def change_presence(change: dict[str, Any]) -> Response:
    """Say whether the caller takes new work; pending tasks of who doesn't are offered to others."""
    precondition: Precondition[Presence | None] = read_precondition(lambda stored: digest_tag(_view(stored)))
    stored = set_presence(
        g.session,
        g.caller.company_id,
        address_of_tasks(),
        g.caller.subject,
        **change,
        precondition=precondition,
        cause=g.cause,
    )
    return _answer(stored)


def _answer(stored: Presence | None) -> Response:
    body = _view(stored)
    return json_response(body, headers={"ETag": digest_tag(body)})


def _view(stored: Presence | None) -> dict[str, Any]:
    now = datetime.now(UTC)
    ended = stored is not None and stored.until is not None and stored.until <= now
    until = None if stored is None or ended else stored.until
    return {"available": is_available(stored, now), "until": until}
