"""The subscriptions match the contracts, and the consumers accept the examples.

That what it emits keeps them is checked wherever a test waits for `ticket.categorized`.
"""

import json

import pytest
import smartticket_contracts
import yaml
from ai_service.service import SERVICE
from service_kit.messaging.consume.view import reader

FOLDER = smartticket_contracts.folder()
OWN = yaml.safe_load((FOLDER / "topology.yaml").read_text(encoding="utf-8"))["services"][SERVICE.name]
SUBSCRIPTIONS = SERVICE.process(SERVICE.read_settings({"SMARTTICKET_ENV": "development"})).subscriptions()
HANDLERS = {kind: handler for each in SUBSCRIPTIONS for kind, handler in each.handlers.items()}


def test_the_subscriptions_are_those_of_the_topology() -> None:
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
