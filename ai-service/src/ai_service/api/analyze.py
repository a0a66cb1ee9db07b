"""HTTP: what other programs ask before they store a ticket."""

from typing import Any

from flask import Response, current_app, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.policy import allowed
from service_kit.http.reservation import reads
from service_kit.http.text import not_blank
from service_kit.identity import ADMIN, AGENT, MANAGER, REQUESTER, SERVICE

from ai_service.api.categorize import CATEGORIZER
from ai_service.api.training import THRESHOLD
from ai_service.domain.company import CompanyNotFound
from ai_service.domain.written import as_written
from ai_service.usecases import train_models
from ai_service.usecases.categorize import Categorizer

analyze = Blueprint("analyze", __name__, description="Category, priority and team of a text.")


class Text(Schema):
    """A text to analyze."""

    description = fields.String(
        required=True, validate=[validate.Length(min=1, max=100_000), not_blank], metadata={"pattern": r"\S"}
    )
    company_id = fields.Integer(required=True, strict=True, validate=validate.Range(min=1, max=2**31 - 1))


class TeamAssignment(Schema):
    """The team a text belongs to, and what that rests on."""

    assigned_team_id = fields.Integer(
        required=True, allow_none=True, metadata={"description": "null where no team is sure or near enough"}
    )
    need_admin = fields.Boolean(
        required=True, metadata={"description": "neither a team nor a department is sure: a person must decide"}
    )
    bert_category = fields.String(
        required=True, allow_none=True, metadata={"description": "the local classifier's best department"}
    )
    bert_confidence = fields.Float(
        required=True, allow_none=True, metadata={"description": "how likely that is, 0 to 1"}
    )
    similarity_score = fields.Float(
        required=True,
        allow_none=True,
        metadata={
            "description": "cosine with the nearest team's tickets or words; where a trained head is sure of a team, "
            "with the nearest tickets that it learnt from"
        },
    )


class Analysis(Schema):
    """What a text is about."""

    category = fields.String(required=True)
    priority = fields.String(required=True, validate=validate.OneOf(["low", "medium", "high", "urgent"]))
    team_assignment = fields.Nested(TeamAssignment, required=True)


@analyze.post("/api/analyze")
@allowed(REQUESTER, AGENT, MANAGER, ADMIN, SERVICE)
@analyze.arguments(Text)
@analyze.response(200, Analysis)
@reads
def post_analyze(question: dict[str, Any]) -> Response:
    """Say category, priority and team of a text. Stores no text; it counts towards the next training."""
    if question["company_id"] != g.caller.company_id:
        # Whoever is of another company is not told whether this one exists.
        raise CompanyNotFound(f"there is no company {question['company_id']}")
    categorizer: Categorizer = current_app.extensions[CATEGORIZER]
    said = categorizer.categorize_and_keep(g.caller.company_id, as_written("", question["description"]))
    train_models.count_analysis(g.session, g.caller.company_id, current_app.extensions[THRESHOLD])
    figures, team = said.answer.figures, said.team
    believed = team is not None and team.believed
    return answer(
        {
            "category": said.category,
            "priority": said.prioritized.priority,
            "team_assignment": {
                "assigned_team_id": team.team_id if team is not None and believed else None,
                "need_admin": said.answer.need_admin and not believed,
                "bert_category": figures.category if figures else None,
                "bert_confidence": figures.confidence if figures else None,
                "similarity_score": team.similarity if team else None,
            },
        }
    )
