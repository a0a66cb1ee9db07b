"""The contracts of events: published events keep them, and consumers accept their examples."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import smartticket_contracts
import yaml
from service_kit.messaging.consume.view import reader
from service_kit.messaging.contracts import Contracts
from service_kit.testing.postgres import ServiceDatabase
from ticket_service import service

from ..conftest import DRAFT, Api
from ..integration.test_consume import Inside
from ..integration.test_teams import publish_team

FOLDER = smartticket_contracts.folder()
OWN = yaml.safe_load((FOLDER / "topology.yaml").read_text(encoding="utf-8"))["services"][service.SERVICE.name]
SUBSCRIPTIONS = service.SERVICE.process(
    service.SERVICE.read_settings({"SMARTTICKET_ENV": "development"})
).subscriptions()
HANDLERS = {kind: handler for each in SUBSCRIPTIONS for kind, handler in each.handlers.items()}
Rows = Callable[..., list[tuple[Any, ...]]]


def test_subscriptions_match_the_topology() -> None:
    assert {each.name: list(each.handlers) for each in SUBSCRIPTIONS} == OWN["queues"]


@pytest.mark.parametrize("kind", HANDLERS)
def test_every_consumer_accepts_the_example(kind: str) -> None:
    schema = json.loads((FOLDER / "events" / f"{kind}.v1.json").read_text(encoding="utf-8"))
    for example in schema["examples"]:
        reader(HANDLERS[kind].view)(example)


@pytest.mark.parametrize("kind", HANDLERS)
def test_every_consumer_accepts_null_where_the_schema_allows_it(kind: str) -> None:
    schema = json.loads((FOLDER / "events" / f"{kind}.v1.json").read_text(encoding="utf-8"))
    nullable = [name for name, rule in schema["properties"].items() if "null" in rule.get("type", ())]
    reader(HANDLERS[kind].view)(schema["examples"][0] | dict.fromkeys(nullable))


def test_every_event_it_emits_keeps_its_contract(api: Api, made: ServiceDatabase, rows: Rows) -> None:
    odd = {"title": '"quoted" \\ \u2028 {', "description": "\u0001\t{}[]" * 50}
    number = api.create(metadata={"x": 1}, priority="urgent", **odd)["id"]
    api.create()
    api.call("POST", "/tickets", {"subject": "s", "body": "b", "customer_id": "c"})
    api.call("POST", "/api/tickets", DRAFT, Idempotency_Key="k")
    inside = Inside(made)
    publish_team(inside, "created", 7, "Network")
    edit = {
        "title": "t",
        "description": "d",
        "priority": "low",
        "department": "HR",
        "team": "Network",
        "status": "resolved",
    }
    api.call("PATCH", f"/api/tickets/{number}", edit)
    api.call("PUT", f"/api/tickets/{number}/status", {"status": "closed"})
    emitted = rows("select id::text, type, subject, company_id, body from outbox order by seq")
    api.call("DELETE", f"/api/tickets/{number}")
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'ticket.deleted'")
    file = api.stored(b"words", "{'\u00f6';}.txt")
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'file.uploaded'")
    api.call("DELETE", f"/api/files/{file['id']}")
    emitted += rows("select id::text, type, subject, company_id, body from outbox where type = 'file.deleted'")
    contracts = Contracts.load(FOLDER)
    for event_id, kind, subject, company_id, text in emitted:
        body = json.loads(text)
        contracts.validate(kind, body)
        assert (body["event"], body["event_id"], body["company_id"]) == (kind, event_id, company_id)
        assert str(body["file_id" if kind.startswith("file.") else "ticket_id"]) == subject
    assert [kind for _, kind, *_ in emitted].count("ticket.created") == 4
    assert {kind for _, kind, *_ in emitted} == set(OWN["publishes"])


def test_revisions_of_a_ticket_grow_by_one(api: Api, rows: Rows) -> None:
    number = api.create()["id"]
    for status in ("in_progress", "resolved"):
        api.call("PATCH", f"/api/tickets/{number}", {"title": status, "status": status})
    assert rows("select revision from outbox order by seq") == [(1,), (2,), (3,), (4,), (5,)]
