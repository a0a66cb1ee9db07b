"""`/api/dashboard`."""

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER

from analytics_service.usecases import dashboard_queries

dashboard = Blueprint("dashboard", __name__, description="The figures at a glance.")


def counts() -> fields.Dict:
    """Return a field for counts by name."""
    return fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


def percents() -> fields.Dict:
    """Return a field for percentages by name."""
    return fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class Summary(Schema):
    """Σ by_status = Σ by_department + unrouted = total_tickets."""

    total_tickets = fields.Integer(required=True)
    by_department = counts()
    by_status = counts()
    average_confidence = fields.Float(required=True)
    recent_tickets_24h = fields.Integer(required=True)
    unrouted = fields.Integer(required=True)


class RoutingFigures(Schema):
    """Figures that count every ticket once, in its current department."""

    department_distribution = counts()
    department_percentages = percents()
    average_confidence_by_department = percents()
    overall_average_confidence = fields.Float(required=True)
    rerouted = fields.Integer(required=True)
    need_admin = fields.Integer(required=True)
    unrouted = fields.Integer(required=True)


@dashboard.get("/api/dashboard/summary")
@allowed(AGENT, MANAGER, ADMIN)
@dashboard.response(200, Summary)
def get_summary() -> Response:
    """Return the number of tickets by department and status."""
    return json_response(dashboard_queries.summary(g.session, g.caller.company_id))


@dashboard.get("/api/dashboard/routing")
@allowed(AGENT, MANAGER, ADMIN)
@dashboard.response(200, RoutingFigures)
def get_routing() -> Response:
    """Return the distribution of tickets over departments, and the confidence."""
    return json_response(dashboard_queries.routing(g.session, g.caller.company_id))
