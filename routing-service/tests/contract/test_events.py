"""The contracts of events: consumers accept their examples, and subscriptions match the topology.

The fixture `published` checks the published events against the contracts.
"""

from typing import Any

import pytest
import smartticket_contracts
import yaml
from routing_service import service
from routing_service.settings import Settings
from service_kit.messaging.consume.view import reader

from ..conftest import CONTRACTS, Api, Events

OWN = yaml.safe_load((smartticket_contracts.folder() / "topology.yaml").read_text(encoding="utf-8"))["services"][
    service.SERVICE.name
]
CONSUMED = sorted({kind for kinds in OWN["queues"].values() for kind in kinds})


def test_subscriptions_match_the_topology(settings: Settings) -> None:
    assert {each.name: sorted(each.handlers) for each in service.SERVICE.process(settings).subscriptions()} == {
        name: sorted(kinds) for name, kinds in OWN["queues"].items()
    }


@pytest.mark.parametrize("kind", CONSUMED)
def test_every_consumer_accepts_the_example(kind: str, settings: Settings) -> None:
    handlers = {
        name: handler
        for each in service.SERVICE.process(settings).subscriptions()
        for name, handler in each.handlers.items()
    }
    reader(handlers[kind].view)(CONTRACTS.example(kind))


def test_published_events_match_the_topology(api: Api, events: Events, rows: Any, published: Any) -> None:
    events.deliver(events.make("ticket.categorized", 1))
    api.call("POST", "/api/departments", {"name": "Legal"})
    api.call("PUT", "/api/departments/Legal", {"description": "Contracts"})
    api.call("DELETE", "/api/departments/Legal")
    emitted = {kind for (kind,) in rows("select distinct type from outbox")}
    assert emitted == set(OWN["publishes"])
    for kind in emitted:
        assert published(kind)
