"""`/internal/budget`: whether a company's budget allows another call of a paid model, for the other services."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.identity import SERVICE

from ai_service.store import companies

budget = Blueprint("budget", __name__, description="For the other services: what may still be spent.")


class Allowance(Schema):
    """Whether the budget allows another call."""

    allowed = fields.Boolean(required=True)


@budget.get("/internal/budget")
@allowed(SERVICE)
@budget.response(200, Allowance)
def get_budget() -> Response:
    """Return whether the caller's company may make another paid call."""
    company = companies.find(g.session, g.caller.company_id)
    return json_response({"allowed": company.cascade.allows_paid_calls(company.spending)})
