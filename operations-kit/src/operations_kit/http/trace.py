"""The trace of one subject in this service. The gateway merges the traces of all services."""

import marshmallow
from flask import Response, g
from marshmallow import fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.state import app_state
from service_kit.identity import ADMIN, AGENT, MANAGER, SERVICE

from eventbus import trace as hops

trace = Blueprint("trace", __name__, description="The trace of a subject in this service.")


class Hop(marshmallow.Schema):
    """An event that was published, consumed by a queue, parked or dead-lettered."""

    step = fields.String(required=True)
    queue = fields.String(required=True)
    event_id = fields.String(required=True)
    type = fields.String(required=True)
    event_time = fields.AwareDateTime(required=True)
    begun_at = fields.AwareDateTime(required=True)
    done_at = fields.AwareDateTime(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    cause_id = fields.String(required=True)
    request_id = fields.String(required=True)
    reason = fields.String(required=True)


class Trace(marshmallow.Schema):
    """The hops of a subject, in chronological order."""

    service = fields.String(required=True)
    hops = fields.List(fields.Nested(Hop), required=True)


@trace.get("/internal/trace/<subject>")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@trace.response(200, Trace)
def show_trace(subject: str) -> Response:
    """List the events about a subject that this service published, consumed or parked."""
    rows = [row._asdict() for row in hops.read(g.session, subject)]
    return json_response({"service": app_state().settings.service, "hops": rows})
