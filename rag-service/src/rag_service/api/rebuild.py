"""`/rag/rebuild`: makes all vectors of the company again from its passages; the progress of that."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN

from rag_service.domain.errors import NoRebuild
from rag_service.store import rebuilds
from rag_service.usecases.rebuild import request_rebuild

rebuild = Blueprint("rebuild", __name__, description="Rebuilding a company's vectors.")


class RebuildView(Schema):
    """The progress of a rebuild."""

    number = fields.Integer(required=True)
    state = fields.String(required=True, metadata={"description": "requested, running or done"})
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    requested_at = fields.DateTime(required=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


@rebuild.post("/rag/rebuild")
@allowed(ADMIN)
@rebuild.response(202, RebuildView)
def post_rebuild() -> Response:
    """Request a rebuild of all the company's vectors from PostgreSQL; less is found until it is done."""
    return _requested(
        request_rebuild(g.session, g.caller.company_id, g.cause, idempotency_key=read_idempotency_key(_requested))
    )


@rebuild.get("/rag/rebuild")
@allowed(ADMIN)
@rebuild.response(200, RebuildView)
def get_rebuild() -> Response:
    """Return the progress of the latest rebuild."""
    found = rebuilds.find(g.session, g.caller.company_id)
    if found is None:
        raise NoRebuild("the vectors were never rebuilt; POST /rag/rebuild does that")
    return json_response(vars(found))


def _requested(found: rebuilds.Rebuild) -> Response:
    return json_response(vars(found), 202)
