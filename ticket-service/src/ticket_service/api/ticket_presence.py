"""`/api/tickets/{id}/presence`: who has a ticket open; `/internal/…` for those who write by WebSocket."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, fields, validate
from service_kit.http.blueprint import Blueprint, json_response
from service_kit.http.policy import allowed
from service_kit.http.text import name_field, not_blank
from service_kit.identity import SERVICE

from ticket_service.api.fields import Flag
from ticket_service.api.roles import EDITORS
from ticket_service.store import ticket_presence as stored
from ticket_service.store import tickets
from ticket_service.usecases.renew_presence import renew_presence

ticket_presence = Blueprint("ticket_presence", __name__, description="Who has a ticket open")


class TicketPresence(Schema):
    """Whether the caller is writing a reply."""

    typing = Flag(required=True)


class PresenceOfAPerson(TicketPresence):
    """Whether a person is writing, with the person's id in tokens and the name for display."""

    person = fields.String(required=True, validate=[validate.Length(max=200), not_blank])
    name = name_field(200, required=True)


class PresentPersonView(Schema):
    """A person who has the ticket open."""

    person = fields.String(required=True)
    name = fields.String(required=True)
    typing = fields.Boolean(required=True)
    until = fields.DateTime(required=True)


class PresentPeopleView(Schema):
    """The people who have a ticket open, the caller too."""

    items = fields.List(fields.Nested(PresentPersonView), required=True)


@ticket_presence.put("/api/tickets/<int:ticket_id>/presence")
@allowed(*EDITORS)
@ticket_presence.arguments(TicketPresence, example={"typing": True})
@ticket_presence.response(204)
def put_presence(presence: dict[str, Any], ticket_id: int) -> Response:
    """Show the caller at the ticket for 30 seconds, and as writing for 10; clients renew it meanwhile."""
    caller = g.caller
    renew_presence(g.session, caller.company_id, ticket_id, caller.subject, caller.name, typing=presence["typing"])
    return Response(status=204)


@ticket_presence.put("/internal/tickets/<int:ticket_id>/presence")
@allowed(SERVICE)
@ticket_presence.arguments(PresenceOfAPerson, example={"person": "user:7", "name": "Ada", "typing": True})
@ticket_presence.response(204)
def put_presence_of_a_person(presence: dict[str, Any], ticket_id: int) -> Response:
    """Show a person of the staff at the ticket: real time has checked who it is, and that the person writes there."""
    renew_presence(g.session, g.caller.company_id, ticket_id, **presence)
    return Response(status=204)


@ticket_presence.get("/api/tickets/<int:ticket_id>/presence")
@allowed(*EDITORS)
@ticket_presence.response(200, PresentPeopleView)
def get_presence(ticket_id: int) -> Response:
    """Show who has the ticket open and who is writing; at most 100 people."""
    company_id = g.caller.company_id
    tickets.get(g.session, company_id, ticket_id)
    return json_response({"items": [vars(each) for each in stored.at_ticket(g.session, company_id, ticket_id)]})
