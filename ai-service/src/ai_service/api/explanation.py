"""`/api/tickets/{id}/explanation`: why a ticket is in its department."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER

from ai_service.dependencies import Dependencies

explanation = Blueprint("explanation", __name__, description="Why a ticket is in its department.")


class PredictionView(Schema):
    """The latest prediction for the ticket."""

    department = fields.String(required=True)
    category = fields.String(required=True)
    confidence_score = fields.Float(required=True)
    need_admin = fields.Boolean(required=True)
    decided_by = fields.String(required=True)
    reason = fields.String(required=True)
    model = fields.String(required=True, allow_none=True)
    priority = fields.String(required=True)
    priority_reason = fields.String(
        required=True, metadata={"description": "the company's rule, or the words of the text"}
    )
    created_at = fields.DateTime(required=True)


class Candidate(Schema):
    """A department the local classifier considers."""

    label = fields.String(required=True)
    probability = fields.Float(required=True)


class Word(Schema):
    """A word that counted for the best department, or against it (negative)."""

    word = fields.String(required=True)
    weight = fields.Float(required=True)


class NearestExampleView(Schema):
    """A similar ticket that the model was trained on."""

    ticket_id = fields.String(required=True)
    label = fields.String(required=True)
    similarity = fields.Float(required=True)


class LocalView(Schema):
    """The local classifier's classification of the text now."""

    model = fields.String(required=True)
    candidates = fields.List(fields.Nested(Candidate), required=True)
    words = fields.List(fields.Nested(Word), required=True)
    neighbours = fields.List(fields.Nested(NearestExampleView), required=True)
    threshold = fields.Float(required=True, allow_none=True)
    abstain_reason = fields.String(
        required=True, metadata={"description": "why the classifier abstains; empty where it doesn't"}
    )
    counterfactual = fields.String(required=True, metadata={"description": "what would change the answer"})


class Explanation(Schema):
    """Why a ticket is in its department."""

    ticket_id = fields.Integer(required=True)
    prediction = fields.Nested(PredictionView, required=True)
    local = fields.Nested(LocalView, required=True, allow_none=True)
    person_department = fields.String(
        required=True, allow_none=True, metadata={"description": "the department that a person chose; it outranks all"}
    )


@explanation.get("/api/tickets/<int:ticket_id>/explanation")
@allowed(AGENT, MANAGER, ADMIN)
@explanation.response(200, Explanation)
def get_explanation(ticket_id: int) -> Response:
    """Explain why a ticket is in its department."""
    deps: Dependencies = g.deps
    found: dict[str, Any] = deps.explainer.explain(g.session, g.caller.company_id, ticket_id)
    return json_response(found)
