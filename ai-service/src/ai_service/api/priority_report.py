"""`/api/priority-rules/report`: how often people changed the proposed priority."""

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, MANAGER

from ai_service.domain.priority.decision import MANUAL_REASON
from ai_service.domain.priority.levels import LEVELS
from ai_service.domain.priority.report import by_level
from ai_service.store import manual_priorities

priority_report = Blueprint("priority-report", __name__, description="How people changed the proposed priorities.")


class LevelView(Schema):
    """The tickets with one proposed priority, by the priority that they have now."""

    proposed = fields.String(required=True, validate=validate.OneOf(LEVELS))
    tickets = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    changed = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LEVELS)),
        values=fields.Integer(),
        required=True,
        metadata={"description": "the priority that people set instead, and the number of tickets"},
    )


class PriorityReport(Schema):
    """The newest 10,000 tickets for which a priority was proposed."""

    tickets = fields.Integer(required=True)
    kept = fields.Integer(required=True)
    items = fields.List(fields.Nested(LevelView), required=True)


@priority_report.get("/api/priority-rules/report")
@allowed(ADMIN, MANAGER)
@priority_report.response(200, PriorityReport)
def get_report() -> Response:
    """Show per proposed priority how many tickets kept it, and which priority people set for the others."""
    counts = manual_priorities.compare(g.session, g.caller.company_id, manual_reason=MANUAL_REASON)
    levels = by_level((each.proposed, each.actual, each.tickets) for each in counts)
    return json_response(
        {
            "tickets": sum(level.tickets for level in levels),
            "kept": sum(level.kept for level in levels),
            "items": [vars(level) for level in levels],
        }
    )
