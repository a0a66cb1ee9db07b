"""`/api/analytics`."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.problems import Invalid
from service_kit.identity import ADMIN, AGENT, MANAGER

from analytics_service.api.dashboard import counts
from analytics_service.usecases import dashboard_queries

MAX_NAME_CHARACTERS = 100

analytics = Blueprint("analytics", __name__, description="The figures in detail.")


class Performance(Schema):
    """Resolution rate, confidence and times; a time is null where no ticket has one yet."""

    total_tickets = fields.Integer(required=True)
    resolved_tickets = fields.Integer(required=True)
    resolution_rate = fields.Float(required=True)
    average_categorization_confidence = fields.Float(required=True)
    average_seconds_to_route = fields.Float(required=True, allow_none=True)
    average_seconds_to_resolve = fields.Float(required=True, allow_none=True)
    rerouted_tickets = fields.Integer(required=True)


class TrendsQuery(Schema):
    """The number of days to report."""

    days = fields.Integer(
        load_default=30, validate=validate.Range(1, 366), metadata={"description": "Days up to today, in UTC."}
    )


class Day(Schema):
    """The tickets created on one day (UTC)."""

    date = fields.Date(required=True)
    count = fields.Integer(required=True)


class Trends(Schema):
    """One entry per day; the last one is today."""

    days = fields.Integer(required=True)
    daily_ticket_creation = fields.List(fields.Nested(Day), required=True)


class TicketsQuery(Schema):
    """The tickets to count: created in the last 1, 7 or 30 days (UTC, today included), or all."""

    period = fields.String(
        load_default="all",
        validate=validate.OneOf(list(dashboard_queries.PERIOD_DAYS)),
        metadata={"description": "When the tickets were created: in the last 1, 7 or 30 days of UTC, or ever."},
    )
    department = fields.String(
        load_default=None,
        validate=validate.Length(1, MAX_NAME_CHARACTERS),
        metadata={"description": "Tickets of this department alone."},
    )


class TicketFigures(Schema):
    """Σ by_department + unrouted = total_tickets."""

    period = fields.String(required=True)
    since = fields.Date(required=True, allow_none=True)
    department = fields.String(required=True, allow_none=True)
    total_tickets = fields.Integer(required=True)
    by_department = counts()
    unrouted = fields.Integer(required=True)


class DepartmentFigures(Schema):
    """The tickets that are in one department now."""

    department = fields.String(required=True)
    total_tickets = fields.Integer(required=True)
    average_confidence = fields.Float(required=True)
    by_status = counts()
    rerouted_tickets = fields.Integer(required=True)
    average_seconds_to_route = fields.Float(required=True, allow_none=True)
    average_seconds_to_resolve = fields.Float(required=True, allow_none=True)


@analytics.get("/api/analytics/performance")
@allowed(AGENT, MANAGER, ADMIN)
@analytics.response(200, Performance)
def get_performance() -> Response:
    """Return resolution rate, confidence and mean times."""
    return json_response(dashboard_queries.performance(g.session, g.caller.company_id))


@analytics.get("/api/analytics/trends")
@allowed(AGENT, MANAGER, ADMIN)
@analytics.arguments(TrendsQuery, location="query")
@analytics.response(200, Trends)
def get_trends(query: dict[str, Any]) -> Response:
    """Return the number of tickets created on each of the last days."""
    return json_response(dashboard_queries.trends(g.session, g.caller.company_id, query["days"]))


@analytics.get("/api/analytics/tickets")
@allowed(AGENT, MANAGER, ADMIN)
@analytics.arguments(TicketsQuery, location="query")
@analytics.response(200, TicketFigures)
def get_tickets(query: dict[str, Any]) -> Response:
    """Return the number of tickets of a period by department."""
    try:
        found = dashboard_queries.tickets(g.session, g.caller.company_id, query["period"], query["department"])
    except dashboard_queries.UnknownDepartment as error:
        # The department is a query parameter here, so it is a 400 and not a 404.
        fault = {"field": "department", "message": str(error)}
        raise Invalid("There is no such department.", errors=[fault]) from error
    return json_response(found)


@analytics.get("/api/analytics/department/<path:name>")
@allowed(AGENT, MANAGER, ADMIN)
@analytics.response(200, DepartmentFigures)
def get_department(name: str) -> Response:
    """Return the figures of one department."""
    return json_response(dashboard_queries.department(g.session, g.caller.company_id, name))
