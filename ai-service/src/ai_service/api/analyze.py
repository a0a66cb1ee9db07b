"""`/api/analyze`: category, priority and team of a text, for programs that store tickets themselves."""

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
from ai_service.domain.company import CompanyNotFound
from ai_service.usecases import train_models

analyze = Blueprint("analyze", __name__, description="Category, priority and team of a text.")


class Text(Schema):
    """A text to analyze."""

    description = fields.String(
        required=True, validate=[validate.Length(min=1, max=100_000), not_blank], metadata={"pattern": r"\S"}
    )
    company_id = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


class TeamAssignment(Schema):
    """The team of a text, and the scores behind it."""

    assigned_team_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null where no team is confident or similar enough"}
    )
    need_admin = fields.Boolean(
        required=True, metadata={"description": "neither a team nor a department is confident: a person must decide"}
    )
    bert_category = fields.String(
        required=True, allow_none=True, metadata={"description": "the local classifier's best department"}
    )
    bert_confidence = fields.Float(required=True, allow_none=True, metadata={"description": "its probability, 0 to 1"})
    similarity_score = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "cosine with the nearest team's tickets or description; where a trained head is confident "
            "of a team, with its nearest training tickets"
        },
    )


class Analysis(Schema):
    """Category, priority and team of a text."""

    category = fields.String(required=True)
    priority = fields.String(required=True, validate=validate.OneOf(["low", "medium", "high", "urgent"]))
    team_assignment = fields.Nested(TeamAssignment, required=True)


@analyze.post("/api/analyze")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@analyze.arguments(Text, example={"description": "My invoice of May was charged twice.", "company_id": 1})
@analyze.response(200, Analysis)
@reads
def post_analyze(question: dict[str, Any]) -> Response:
    """Return category, priority and team of a text. Stores no text; it counts towards the next training."""
    if question["company_id"] != g.caller.company_id:
        # A caller of another company must not learn whether this one exists.
        raise CompanyNotFound(f"there is no company {question['company_id']}")
    deps: Dependencies = g.deps
    categorization = deps.categorizer.categorize_and_save(
        g.caller.company_id, authored_text("", question["description"])
    )
    if "repeated" not in g:
        train_models.count_analysis(g.session, g.caller.company_id, deps.training_threshold)
    scores, team = categorization.classification.local_scores, categorization.team
    accepted = team is not None and team.accepted
    return json_response(
        {
            "category": categorization.category,
            "priority": categorization.prioritized.priority,
            "team_assignment": {
                "assigned_team_id": team.team_id if team is not None and accepted else None,
                "need_admin": categorization.classification.need_admin and not accepted,
                "bert_category": scores.category if scores else None,
                "bert_confidence": scores.confidence if scores else None,
                "similarity_score": team.similarity if team else None,
            },
        }
    )
