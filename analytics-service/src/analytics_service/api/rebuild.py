"""`/api/analytics/rebuild`: the figures of the company anew from its log, and how far that is."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.idempotency import once
from service_kit.http.policy import allowed
from service_kit.http.problems import NotFound
from service_kit.identity import ADMIN

from analytics_service.store import rebuilds
from analytics_service.store.rebuilds import Rebuild
from analytics_service.usecases.rebuild import request_rebuild

PATH = "/api/analytics/rebuild"

rebuild = Blueprint("rebuild", __name__, description="The figures rebuilt from the event log.")


class RebuildView(Schema):
    """How far the latest rebuild is."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "requested, running or done"})
    done = fields.Integer(required=True, metadata={"description": "entries of the log that are counted again"})
    total = fields.Integer(required=True)
    requested_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


@rebuild.post(PATH)
@allowed(ADMIN)
@rebuild.response(202, RebuildView)
def post_rebuild() -> Response:
    """Rebuild the company's figures from its event log; the old figures are shown until that is done."""
    again = once(_accepted)
    return _accepted(request_rebuild(g.session, g.caller.company_id, again))


@rebuild.get(PATH)
@allowed(ADMIN)
@rebuild.response(200, RebuildView)
def get_rebuild() -> Response:
    """Show how far the latest rebuild is."""
    found = rebuilds.find(g.session, g.caller.company_id)
    if found is None:
        raise NotFound("The figures were never rebuilt.", code="no_rebuild")
    return answer(vars(found))


def _accepted(found: Rebuild) -> Response:
    return answer(vars(found), 202, {"Location": PATH})
