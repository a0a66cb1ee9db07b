"""The service serves exactly the fields that it documents."""

from typing import Any

from marshmallow import EXCLUDE, Schema
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
