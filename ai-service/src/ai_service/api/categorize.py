"""HTTP: ask where a text belongs."""

from typing import Any

from flask import Response, current_app, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.policy import allowed
from service_kit.http.reservation import reads
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from ai_service.domain.written import as_written
from ai_service.usecases.categorize import Categorizer

CATEGORIZER = "categorizer"

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


class Verdict(Schema):
    """Where it belongs, how sure that is, who decided and why."""

    ticket_id = fields.Integer(allow_none=True, metadata={"description": "as given; nothing is looked up by it"})
    department = fields.String(required=True)
    confidence_score = fields.Float(required=True, validate=validate.Range(min=0, max=100))
    need_admin = fields.Boolean(required=True, metadata={"description": "nobody is sure enough: a person must decide"})
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
@categorize.arguments(Question)
@categorize.response(200, Verdict)
@reads
def post_categorize(question: dict[str, Any]) -> Response:
    """Say where a text belongs. Announces nothing and changes no ticket, so it may be asked again."""
    categorizer: Categorizer = current_app.extensions[CATEGORIZER]
    text = as_written(question["title"], question["description"])
    said = categorizer.categorize_and_keep(g.caller.company_id, text)
    return answer(
        {
            "ticket_id": question["ticket_id"],
            "department": said.answer.department,
            "confidence_score": said.answer.confidence,
            "need_admin": said.answer.need_admin,
            "decided_by": said.answer.decided_by,
            "reason": said.answer.reason,
            "category": said.category,
            "priority": said.prioritized.priority,
            "priority_reason": said.prioritized.reason,
            "model": said.answer.model,
            "cached": said.cached,
            "duration_ms": said.duration_ms,
        }
    )
