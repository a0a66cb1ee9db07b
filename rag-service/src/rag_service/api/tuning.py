"""`/rag/tune`: retrieval that is tuned on the company's own saved questions."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.policy import allowed
from service_kit.http.precondition import conditional, digest_tag, read_precondition
from service_kit.identity import ADMIN, AGENT, MANAGER

from rag_service.dependencies import Dependencies
from rag_service.store import tunings
from rag_service.store.tunings import Tuning, as_fusion
from rag_service.usecases import tune as usecase

tuning = Blueprint("tuning", __name__, description="Tuning retrieval on the company's own questions.")


class TuningRequest(Schema):
    """How to tune."""

    keep = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "use the best fusion even if its gain is not sure"},
    )


class FusionView(Schema):
    """A way of ordering passages by their cosine and their BM25."""

    name = fields.String(required=True)
    method = fields.String(
        required=True, metadata={"description": "default, weighted, min_max, dbsf, rrf, bm25 or dense"}
    )
    weight = fields.Float(required=True, allow_none=True, metadata={"description": "of the cosine; BM25 has the rest"})
    k = fields.Integer(required=True, allow_none=True, metadata={"description": "of reciprocal ranks"})


class FiguresView(Schema):
    """Means over the questions, within the first ten passages."""

    ndcg = fields.Float(required=True)
    recall = fields.Float(required=True)
    mrr = fields.Float(required=True)


class GainView(Schema):
    """The gain in nDCG on questions that the choice did not see."""

    ndcg = fields.Float(required=True)
    low = fields.Float(required=True, metadata={"description": "the lower end of its 95 % interval"})
    high = fields.Float(required=True)


class ComparedView(Schema):
    """A fusion's nDCG on all questions."""

    fusion = fields.Nested(FusionView, required=True)
    ndcg = fields.Float(required=True)


class TuningResult(Schema):
    """The result of a tuning."""

    fusion = fields.Nested(FusionView, required=True)
    kept = fields.Boolean(required=True)
    groups = fields.Integer(required=True, metadata={"description": "of questions about the same documents"})
    folds = fields.Integer(required=True)
    k = fields.Integer(required=True)
    before = fields.Nested(FiguresView, required=True)
    after = fields.Nested(FiguresView, required=True)
    gain = fields.Nested(GainView, required=True)
    compared = fields.List(fields.Nested(ComparedView), required=True)


class TuningView(Schema):
    """The latest tuning, and the fusion in use."""

    number = fields.Integer(required=True, metadata={"description": "0 before the first tuning"})
    state = fields.String(required=True, metadata={"description": "none, requested, running, done or failed"})
    done = fields.Integer(required=True)
    total = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)
    result = fields.Nested(TuningResult, required=True, allow_none=True)
    in_use = fields.Nested(FusionView, required=True)
    requested_at = fields.DateTime(required=True, allow_none=True)
    finished_at = fields.DateTime(required=True, allow_none=True)


@tuning.post("/rag/tune")
@allowed(MANAGER, ADMIN)
@tuning.arguments(TuningRequest, example={"keep": False})
@tuning.response(202, TuningView)
def post_tuning(wanted: dict[str, Any]) -> Response:
    """Request a tuning on the saved questions; 409 says how many are missing."""
    deps: Dependencies = g.deps
    return _requested(
        usecase.request_tuning(
            g.session,
            g.caller.company_id,
            deps.min_tuning_questions,
            g.cause,
            keep=wanted["keep"],
            idempotency_key=read_idempotency_key(_requested),
        )
    )


@tuning.get("/rag/tune")
@allowed(AGENT, MANAGER, ADMIN)
@tuning.response(200, TuningView)
def get_tuning() -> Response:
    """Return the latest tuning with its figures, and the fusion in use."""
    return json_response(_view(tunings.find(g.session, g.caller.company_id)))


@tuning.delete("/rag/tune")
@allowed(MANAGER, ADMIN)
@conditional
@tuning.response(204)
def delete_tuning() -> Response:
    """Return to the default fusion; all processes use it within a second."""
    deps: Dependencies = g.deps
    usecase.roll_back(g.session, g.caller.company_id, read_precondition(lambda found: digest_tag(_view(found))))
    deps.fusions.forget(g.caller.company_id)
    return Response(status=204)


def _requested(requested: Tuning) -> Response:
    return json_response(_view(requested), 202)


def _view(found: Tuning | None) -> dict[str, Any]:
    if found is None:
        return {
            "number": 0,
            "state": "none",
            "done": 0,
            "total": 0,
            "reason": None,
            "result": None,
            "in_use": usecase.fusion_view(None),
            "requested_at": None,
            "finished_at": None,
        }
    fusion = None if found.fusion is None else as_fusion(found.fusion)
    shown = {name: value for name, value in vars(found).items() if name not in ("keep", "fusion")}
    return shown | {"in_use": usecase.fusion_view(fusion)}
