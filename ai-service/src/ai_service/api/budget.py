"""`/internal/budget`: whether a company may still spend money on a model; other services ask before they do."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, answer
from service_kit.http.policy import allowed
from service_kit.identity import SERVICE

from ai_service.store import companies

budget = Blueprint("budget", __name__, description="For the services inside: what may still be spent.")


class Allowance(Schema):
    """Whether something is left."""

    allowed = fields.Boolean(required=True)


@budget.get("/internal/budget")
@allowed(SERVICE)
@budget.response(200, Allowance)
def get_budget() -> Response:
    """Say whether the caller's company may make another paid call."""
    known = companies.find(g.session, g.caller.company_id)
    return answer({"allowed": known.ladder.affords(known.spent)})
