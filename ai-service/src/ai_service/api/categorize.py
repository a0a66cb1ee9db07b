"""`/api/categorize`: department, category and priority of a text."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.reservation import reads
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from ai_service.dependencies import Dependencies
from ai_service.domain.authored_text import authored_text

categorize = Blueprint("categorize", __name__, description="Where a text belongs.")


class Question(Schema):
    """A text to categorize."""

    title = fields.String(
        required=True, validate=[validate.Length(min=1, max=500), not_blank], metadata={"pattern": r"\S"}
    )
    description = fields.String(required=True, validate=validate.Length(max=100_000))
    ticket_id = fields.Integer(
        load_default=None, allow_none=True, strict=True, validate=validate.Range(min=1, max=2**63 - 1)
    )


class CategorizationView(Schema):
    """The department with its confidence, the classifier that decided, and its reason."""

    ticket_id = fields.Integer(allow_none=True, metadata={"description": "as given; nothing is looked up by it"})
    department = fields.String(required=True)
    confidence_score = fields.Float(required=True, validate=validate.Range(min=0, max=100))
    need_admin = fields.Boolean(
        required=True, metadata={"description": "all classifiers abstain: a person must decide"}
    )
    decided_by = fields.String(required=True, validate=validate.OneOf(["claude", "bert", "keywords"]))
    reason = fields.String(required=True)
    category = fields.String(required=True)
    priority = fields.String(required=True, validate=validate.OneOf(["low", "medium", "high", "urgent"]))
    priority_reason = fields.String(required=True)
    model = fields.String(required=True, allow_none=True)
    cached = fields.Boolean(required=True)
    duration_ms = fields.Float(required=True)


@categorize.post("/api/categorize")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@categorize.arguments(Question, example={"title": "VPN drops every hour", "description": "Since Monday, at home only."})
@categorize.response(200, CategorizationView)
@reads
def post_categorize(question: dict[str, Any]) -> Response:
    """Return the department of a text. Publishes nothing and changes no ticket, so it may be repeated."""
    deps: Dependencies = g.deps
    text = authored_text(question["title"], question["description"])
    categorization = deps.categorizer.categorize_and_save(g.caller.company_id, text)
    classification = categorization.classification
    return json_response(
        {
            "ticket_id": question["ticket_id"],
            "department": classification.department,
            "confidence_score": classification.confidence,
            "need_admin": classification.need_admin,
            "decided_by": classification.decided_by,
            "reason": classification.reason,
            "category": categorization.category,
            "priority": categorization.prioritized.priority,
            "priority_reason": categorization.prioritized.reason,
            "model": classification.model,
            "cached": categorization.cached,
            "duration_ms": categorization.duration_ms,
        }
    )
