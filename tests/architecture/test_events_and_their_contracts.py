"""Every event has a schema, an example, a producer and a consumer (law 3)."""

import json
from typing import Any

import fastjsonschema
import jsonschema
import pytest
import yaml

from .tree import ROOT

TOPOLOGY = yaml.safe_load((ROOT / "contracts" / "topology.yaml").read_text(encoding="utf-8"))
SCHEMAS = {path.name.removesuffix(".v1.json"): path for path in (ROOT / "contracts" / "events").glob("*.json")}
LATER = set(TOPOLOGY["later"])
"""Event types whose producer isn't built yet."""
PUBLISHED = {event for service in TOPOLOGY["services"].values() for event in service["publishes"]} | LATER
CONSUMED = {
    event for service in TOPOLOGY["services"].values() for queue in service["queues"].values() for event in queue
}
GIVEN = {"given_category", "given_priority", "sub_category", "external_ticket_id"}
JOINED_LATER = {
    "mail.received": {"internal"},
    "ticket.created": {"requester", *GIVEN},
    "ticket.categorized": {"priority_reason", *GIVEN},
    "ticket.routed": {"team_by_person", "wish_revision", "sub_category", "external_ticket_id"},
    "ticket.updated": {
        "wanted_team_id", "names_team", "category", "category_given", "sub_category", "external_ticket_id",
    },
    "user.created": {"email_confirmed"},
    "user.deleted": {"email_confirmed"},
    "user.email.changed": {"old_email_confirmed"},
    "user.invited": {"inviter_email"},
    "user.updated": {"email_confirmed"},
}  # fmt: skip
"""Optional for ever: events without them were sent, and may be sent again."""


def schema_of(event: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(SCHEMAS[event].read_text(encoding="utf-8"))
    return schema


def test_what_is_published_has_a_schema_and_nothing_else_has() -> None:
    assert set(SCHEMAS) == PUBLISHED


def test_every_event_has_a_consumer_or_is_for_outsiders() -> None:
    assert set(TOPOLOGY["outsiders"]) == PUBLISHED - CONSUMED
    assert CONSUMED <= PUBLISHED


@pytest.mark.parametrize("event", SCHEMAS)
def test_every_schema_is_valid_and_accepts_its_example(event: str) -> None:
    schema = schema_of(event)
    jsonschema.Draft7Validator.check_schema(schema)
    (example,) = schema["examples"]
    fastjsonschema.compile(schema)(example)
    assert example["event"] == event


@pytest.mark.parametrize("event", SCHEMAS)
def test_every_body_is_flat_and_complete(event: str) -> None:
    schema = schema_of(event)
    assert set(schema["properties"]) - set(schema["required"]) == JOINED_LATER.get(event, set())
    assert set(schema["examples"][0]) == set(schema["properties"])
    assert not [name for name, value in schema["properties"].items() if value.get("type") == "object"]
    assert {"event", "event_id", "company_id"} <= set(schema["properties"])


def test_an_event_whose_producer_comes_later_has_none_yet() -> None:
    assert {event for service in TOPOLOGY["services"].values() for event in service["publishes"]}.isdisjoint(LATER)


def test_final_events_are_published() -> None:
    assert set(TOPOLOGY["final"]) <= PUBLISHED
