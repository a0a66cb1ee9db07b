"""What this service did with one subject: the gateway puts the services' answers together."""

from dataclasses import asdict

import marshmallow
from flask import Response, g
from marshmallow import fields

from service_kit.http.app import kit
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER, SERVICE
from service_kit.messaging import trace as hops

trace = Blueprint("trace", __name__, description="One subject's way through this service.")


class Hop(marshmallow.Schema):
    """An event published, consumed by a queue, parked or dead."""

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
    """All of them, in order of time."""

    service = fields.String(required=True)
    hops = fields.List(fields.Nested(Hop), required=True)


@trace.get("/internal/trace/<subject>")
@allowed(AGENT, MANAGER, ADMIN, SERVICE)
@trace.response(200, Trace)
def show_trace(subject: str) -> Response:
    """Tell which events about a subject this service published, consumed or put aside."""
    found = [asdict(hop) for hop in hops.read(g.session, subject)]
    return answer({"service": kit().settings.service, "hops": found})
