"""The service serves exactly the routes and fields that it documents."""

import re
from typing import Any

from flask import Flask
from marshmallow import EXCLUDE, Schema
from service_kit.http.policy import PUBLIC, policy_table
from ticket_service.api.views import EntryView, RunView, TicketsView, TicketView, TrailView

from ..conftest import Api


def fits(schema: type[Schema], answer: dict[str, Any]) -> bool:
    """Return whether a response has exactly the fields of its schema, with values that fit."""
    return set(answer) == set(schema().fields) and not schema(unknown=EXCLUDE).validate(answer)


def test_answers_look_as_documented(api: Api) -> None:
    ticket = api.create(metadata={"a": {"b": 1}})
    assert fits(TicketView, ticket)
    assert fits(TicketsView, api.get("/api/tickets"))
    assert fits(RunView, api.get(f"/tickets/{ticket['uuid']}"))
    assert fits(TrailView, api.get(f"/api/tickets/{ticket['id']}/events"))
    assert fits(EntryView, api.trail(ticket["id"])[0])


def test_only_the_declared_routes_are_public(app: Flask) -> None:
    table = policy_table(app)
    assert {rule for (_, rule), roles in table.items() if roles == PUBLIC} == {
        "/health",
        "/ready",
        "/metrics",
        "/openapi.json",
        "/api/statuses",
    }


def test_every_route_is_documented(app: Flask) -> None:
    paths = app.test_client().get("/openapi.json").json["paths"]
    documented = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    served = {(method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)) for method, rule in policy_table(app)}
    missing = {(method, rule) for method, rule in served if "/tickets" in rule} - documented
    assert missing == set()
