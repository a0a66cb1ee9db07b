"""`/api/analytics/rebuild`: rebuild the company's figures from its log, and show the progress."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.problems import NotFound
from service_kit.identity import ADMIN

from analytics_service.store import rebuilds
from analytics_service.store.rebuilds import Rebuild
from analytics_service.usecases.rebuild import request_rebuild

PATH = "/api/analytics/rebuild"

rebuild = Blueprint("rebuild", __name__, description="The figures rebuilt from the event log.")


class RebuildView(Schema):
    """The progress of the latest rebuild."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "requested, running or done"})
    done = fields.Integer(required=True, metadata={"description": "the number of log entries counted so far"})
    total = fields.Integer(required=True)
    requested_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


@rebuild.post(PATH)
@allowed(ADMIN)
@rebuild.response(202, RebuildView)
def post_rebuild() -> Response:
    """Rebuild the company's figures from its event log; the old figures are shown until it is done."""
    idempotency_key = read_idempotency_key(_accepted)
    return _accepted(request_rebuild(g.session, g.caller.company_id, idempotency_key))


@rebuild.get(PATH)
@allowed(ADMIN)
@rebuild.response(200, RebuildView)
def get_rebuild() -> Response:
    """Show the progress of the latest rebuild."""
    found = rebuilds.find(g.session, g.caller.company_id)
    if found is None:
        raise NotFound("The figures were never rebuilt.", code="rebuild_not_found")
    return json_response(vars(found))


def _accepted(found: Rebuild) -> Response:
    return json_response(vars(found), 202, {"Location": PATH})
