"""`/api/route` and `/api/routing`."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.idempotency import read_idempotency_key
from service_kit.http.pages import PageQuery, decode_cursor, page
from service_kit.http.policy import allowed
from service_kit.identity import ADMIN, AGENT, MANAGER

from routing_service.api.fields import Percent, department_name, team_number, ticket_number
from routing_service.dependencies import Dependencies
from routing_service.domain.routing import MANUAL_CONFIDENCE
from routing_service.domain.teams import TeamChoice
from routing_service.usecases.route_ticket import HistoryEntry, ManualRouting, route_ticket
from routing_service.usecases.routing_queries import check_ticket_exists, history_of, statistics_of

routing = Blueprint("routing", __name__, description="Where tickets are routed.")


class RouteOrder(Schema):
    """The department of a ticket, and the confidence in it."""

    ticket_id = ticket_number()
    department = department_name()
    confidence_score = Percent(required=True)
    team_id = team_number()


class RerouteOrder(Schema):
    """The new department of a ticket."""

    department = department_name()
    team_id = team_number()


class RoutingView(Schema):
    """The current routing of a ticket."""

    routing_id = fields.Integer(required=True)
    ticket_id = fields.Integer(required=True)
    department = fields.String(required=True)
    team_id = fields.Integer(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    confidence_score = fields.Float(required=True)
    rerouted = fields.Boolean(required=True)
    need_admin = fields.Boolean(required=True)
    decided_by = fields.String(required=True)
    actor = fields.String(required=True)
    reason = fields.String(required=True)
    routed_at = fields.DateTime(required=True)


class HistoryLine(Schema):
    """One decision; `applied` is false where another routing stayed in effect."""

    routing_id = fields.Integer(required=True)
    department = fields.String(required=True)
    team_id = fields.Integer(required=True, allow_none=True)
    team = fields.String(required=True, allow_none=True)
    confidence_score = fields.Float(required=True)
    need_admin = fields.Boolean(required=True)
    decided_by = fields.String(required=True)
    actor = fields.String(required=True)
    reason = fields.String(required=True)
    applied = fields.Boolean(required=True)
    rerouted = fields.Boolean(required=True)
    created_at = fields.DateTime(required=True)


class History(Schema):
    """A page of a ticket's routing history, newest first."""

    ticket_id = fields.Integer(required=True)
    count = fields.Integer(required=True)
    history = fields.List(fields.Nested(HistoryLine), required=True)
    next = fields.String(required=True, allow_none=True)


class Statistics(Schema):
    """Totals that count every ticket once, in its current department."""

    total_routings = fields.Integer(required=True)
    routed_tickets = fields.Integer(required=True)
    rerouted = fields.Integer(required=True)
    department_distribution = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    department_percentages = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    average_confidence_by_department = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    overall_average_confidence = fields.Float(required=True)


@routing.post("/api/route")
@allowed(AGENT, MANAGER, ADMIN)
@routing.arguments(RouteOrder, example={"ticket_id": 1, "department": "IT Support", "confidence_score": 90})
@routing.response(200, RoutingView)
def post_route(order: dict[str, Any]) -> Response:
    """Route a ticket to a department."""
    team = _team(order)
    return _routed(ManualRouting(**order, reroute=False, actor=_actor(), team=team))


@routing.put("/api/route/<int:ticket_id>")
@allowed(AGENT, MANAGER, ADMIN)
@routing.arguments(RerouteOrder, example={"department": "IT Support"})
@routing.response(200, RoutingView)
def put_route(order: dict[str, Any], ticket_id: int) -> Response:
    """Route a ticket to a department, and to a team if one is named."""
    return _routed(
        ManualRouting(
            ticket_id=ticket_id,
            department=order["department"],
            confidence_score=MANUAL_CONFIDENCE,
            reroute=True,
            actor=_actor(),
            team=_team(order),
        )
    )


@routing.get("/api/routing/statistics")
@allowed(AGENT, MANAGER, ADMIN)
@routing.response(200, Statistics)
def get_statistics() -> Response:
    """Return the number of tickets by department."""
    return json_response(statistics_of(g.session, g.caller.company_id, g.cause))


@routing.get("/api/routing/history/<int:ticket_id>")
@allowed(AGENT, MANAGER, ADMIN)
@routing.arguments(PageQuery, location="query")
@routing.response(200, History)
def get_history(query: dict[str, Any], ticket_id: int) -> Response:
    """List a ticket's routing history, newest first."""
    company_id = g.caller.company_id
    check_ticket_exists(g.session, company_id, ticket_id, g.deps.tickets)
    cursor = decode_cursor(query["cursor"], [int])
    rows = history_of(g.session, company_id, ticket_id, cursor[0] if cursor else None, query["limit"] + 1)
    body, headers = page(rows, query["limit"], lambda row: (row.id,), "history", [_line(row) for row in rows])
    return json_response({"ticket_id": ticket_id, **body}, headers=headers)


def _routed(order: ManualRouting) -> Response:
    deps: Dependencies = g.deps
    routed = route_ticket(
        g.session, g.caller.company_id, order, g.cause, deps.tickets, deps.teams, read_idempotency_key(_answer)
    )
    return _answer(routed)


def _actor() -> str:
    return f"person:{g.caller.subject}"


def _team(order: dict[str, Any]) -> TeamChoice | None:
    """Remove the team from an order and return it; None where the order names none."""
    return TeamChoice(order.pop("team_id")) if "team_id" in order else None


def _answer(routed: HistoryEntry) -> Response:
    line, decision = routed
    ticket = decision.ticket
    body = {
        "routing_id": line,
        "ticket_id": ticket.ticket_id,
        "department": ticket.department,
        "team_id": ticket.team_id,
        "team": ticket.team,
        "confidence_score": ticket.confidence_score,
        "rerouted": ticket.rerouted,
        "need_admin": ticket.need_admin,
        "decided_by": ticket.decided_by,
        "actor": ticket.actor,
        "reason": ticket.reason,
        "routed_at": ticket.routed_at,
    }
    return json_response(body)


def _line(row: Any) -> dict[str, Any]:
    line = dict(row._mapping)
    return {"routing_id": line.pop("id"), **line, "confidence_score": float(line["confidence_score"])}
