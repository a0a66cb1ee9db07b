"""`/api/analytics/models`."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER

from analytics_service.api.analytics import TrendsQuery
from analytics_service.usecases.model_queries import model_figures

models = Blueprint("models", __name__, description="The serving model, and the usage of paid models.")


class ServingModel(Schema):
    """The trained model that serves the company, with its metrics on held-out tickets."""

    version = fields.String(required=True)
    run_id = fields.Integer(required=True, allow_none=True)
    examples = fields.Integer(required=True)
    accuracy = fields.Float(required=True, allow_none=True)
    macro_f1 = fields.Float(required=True, allow_none=True)
    promoted_at = fields.DateTime(required=True)


class Usage(Schema):
    """The usage of one model by one service for one purpose."""

    source = fields.String(required=True, metadata={"description": "the service that reported the calls"})
    model = fields.String(required=True)
    purpose = fields.String(required=True)
    calls = fields.Integer(required=True)
    unpriced_calls = fields.Integer(required=True, metadata={"description": "of a model without a price"})
    input_tokens = fields.Integer(required=True)
    output_tokens = fields.Integer(required=True)
    cache_read_tokens = fields.Integer(required=True)
    cache_write_tokens = fields.Integer(required=True)
    cost_usd = fields.Float(required=True)


class ModelFigures(Schema):
    """Calls that services reported by `model.used`; those of ai-service itself are in `/api/ai/costs`."""

    days = fields.Integer(required=True)
    since = fields.Date(required=True)
    serving = fields.Nested(ServingModel, required=True, allow_none=True)
    calls = fields.Integer(required=True)
    cost_usd = fields.Float(required=True)
    usage = fields.List(fields.Nested(Usage), required=True)


@models.get("/api/analytics/models")
@allowed(AGENT, MANAGER, ADMIN)
@models.arguments(TrendsQuery, location="query")
@models.response(200, ModelFigures)
def get_models(query: dict[str, Any]) -> Response:
    """Return the serving model and the usage of paid models in the last days."""
    return json_response(model_figures(g.session, g.caller.company_id, query["days"]))
