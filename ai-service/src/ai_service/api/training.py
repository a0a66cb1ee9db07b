"""`/api/training` and `/api/models`: trainings, models, and which model serves."""

from datetime import datetime
from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, PageView, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from ai_service.dependencies import Dependencies
from ai_service.domain.training import TrainingNotFound
from ai_service.store import models as stored_models
from ai_service.store import training as runs
from ai_service.store.models import Model
from ai_service.store.training import Run
from ai_service.usecases import train_models

STATES = ("waiting", "running", "promoted", "kept", "failed")
OPEN = ("waiting", "running")

training = Blueprint("training", __name__, description="Trainings of the company's model.")


class RunView(Schema):
    """A training."""

    id = fields.Integer(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata={"description": "promoted: its model serves; kept: it doesn't, and the report says why"},
    )
    requested_by = fields.String(required=True)
    requested_at = fields.DateTime(required=True)
    started_at = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)
    step = fields.String(required=True, metadata={"description": "the current step"})
    examples = fields.Integer(required=True, allow_none=True)
    version = fields.String(required=True, allow_none=True)
    report = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "why it was promoted or kept (`reasons`), the metrics of its model and of the serving one "
            "on held-out tickets without near duplicates (`evaluation`, `serving`) and on near duplicates of training "
            "tickets (`near_duplicates`), those of its head for teams (`teams`), and the classification of everyday "
            "tickets before and after (`everyday`)"
        },
    )
    error = fields.String(required=True, allow_none=True)


class Status(Schema):
    """Whether the company's model is being trained, and the analyses until the next training."""

    analyses = fields.Integer(
        required=True, metadata={"description": "tickets categorized and texts analyzed by API since the last training"}
    )
    threshold = fields.Integer(required=True)
    is_training = fields.Boolean(required=True)
    model_version = fields.String(required=True, allow_none=True)
    last_error = fields.String(required=True, allow_none=True)


class Trainings(Status, PageView):
    """The status, with a page of the trainings, newest first."""

    items = fields.List(fields.Nested(RunView), required=True)


class ModelView(Schema):
    """A trained model."""

    version = fields.String(required=True)
    run_id = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    serving = fields.Boolean(required=True)
    served_at = fields.DateTime(required=True, allow_none=True)
    examples = fields.Integer(required=True)
    encoder = fields.String(required=True)
    evaluation = fields.Dict(required=True, allow_none=True, metadata={"description": "metrics on held-out tickets"})
    teams = fields.Dict(
        required=True,
        allow_none=True,
        metadata={
            "description": "its head for teams: `state` (used; kept: it has the head of the model that served, if any; "
            "skipped: it has none), `reason`, `examples`, `held_out`, `threshold`, and as `evaluation` and `serving` "
            "the metrics of the new and the earlier head, whose labels are teams' numbers; null: not reported"
        },
    )


class ModelPage(PageView):
    """A page of the company's models, newest first."""

    items = fields.List(fields.Nested(ModelView), required=True)
    encoder = fields.String(
        required=True, allow_none=True, metadata={"description": "encodes texts here; null: there is none, or not yet"}
    )


class Serving(Schema):
    """The version of the serving model."""

    serving = fields.String(required=True, allow_none=True)


@training.get("/api/training")
@allowed(ADMIN, MANAGER)
@training.arguments(PageQuery, location="query")
@training.response(200, Trainings)
def list_trainings(query: dict[str, Any]) -> Response:
    """Show the status and the trainings, newest first."""
    before = decode_cursor(query["cursor"], (int,))
    rows = runs.page(g.session, g.caller.company_id, before=before[0] if before else None, limit=query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda run: (run.id,), "items", [vars(run) for run in rows])
    return json_response(_status() | body, headers=headers)


@training.get("/api/training/status")
@allowed(ADMIN, MANAGER)
@training.response(200, Status)
def get_status() -> Response:
    """Show the status."""
    return json_response(_status())


@training.post("/api/training")
@allowed(ADMIN, MANAGER)
@training.response(202, RunView)
def post_training() -> Response:
    """Request a training, which runs in the background."""
    idempotency_key = read_idempotency_key(_requested)
    return _requested(
        train_models.request_training(
            g.session, g.caller.company_id, g.caller.name, g.cause, idempotency_key=idempotency_key
        )
    )


@training.get("/api/training/<int:run_id>")
@allowed(ADMIN, MANAGER)
@training.response(200, RunView)
def get_training(run_id: int) -> Response:
    """Show one training."""
    run = runs.get(g.session, g.caller.company_id, run_id)
    if run is None:
        raise TrainingNotFound(f"there is no training {run_id}")
    return json_response(vars(run))


@training.get("/api/models")
@allowed(ADMIN, MANAGER)
@training.arguments(PageQuery, location="query")
@training.response(200, ModelPage)
def list_models(query: dict[str, Any]) -> Response:
    """List the company's models with their metrics, newest first."""
    deps: Dependencies = g.deps
    before: Any = decode_cursor(query["cursor"], (datetime, str))
    rows = stored_models.page(g.session, g.caller.company_id, before=before, limit=query["limit"] + 1)
    body, headers = page(
        rows, query["limit"], lambda row: (row.created_at, row.version), "items", [vars(row) for row in rows]
    )
    return json_response(body | {"encoder": deps.local.encoder if deps.local is not None else None}, headers=headers)


@training.post("/api/models/<string:version>/promote")
@allowed(ADMIN)
@training.response(200, ModelView)
def promote_model(version: str) -> Response:
    """Make a model the serving one; no restart is needed."""
    idempotency_key = read_idempotency_key(_promoted)
    return _promoted(
        train_models.promote(g.session, g.caller.company_id, version, g.cause, idempotency_key=idempotency_key)
    )


@training.post("/api/models/rollback")
@allowed(ADMIN)
@training.response(200, Serving)
def roll_back_model() -> Response:
    """Make the previous model the serving one again, or none where there was none."""
    idempotency_key = read_idempotency_key(_rolled_back)
    return _rolled_back(
        train_models.roll_back(g.session, g.caller.company_id, g.cause, idempotency_key=idempotency_key)
    )


def _requested(run: Run) -> Response:
    return json_response(vars(run), 202, headers={"Location": f"/api/training/{run.id}"})


def _promoted(model: Model) -> Response:
    return json_response(vars(model))


def _rolled_back(model: Model | None) -> Response:
    return json_response({"serving": model.version if model else None})


def _status() -> dict[str, Any]:
    deps: Dependencies = g.deps
    company_id = g.caller.company_id
    latest = runs.page(g.session, company_id, before=None, limit=1)
    serving = stored_models.serving(g.session, company_id)
    return {
        "analyses": runs.analyses(g.session, company_id),
        "threshold": deps.training_threshold,
        # A company has one open run at a time, so an open one is the latest.
        "is_training": any(run.state in OPEN for run in latest),
        "model_version": serving.version if serving else None,
        "last_error": next((run.error for run in latest), None),
    }
