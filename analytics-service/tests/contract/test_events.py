"""The contracts of events: subscriptions match the topology, and examples are consumed completely."""

import pytest
import smartticket_contracts
import yaml
from analytics_service import service
from analytics_service.domain.state import Kind
from analytics_service.settings import Settings
from service_kit.messaging.consume.view import reader

from ..conftest import CONTRACTS, Events, Rows

OWN = yaml.safe_load((smartticket_contracts.folder() / "topology.yaml").read_text(encoding="utf-8"))["services"][
    service.SERVICE.name
]
CONSUMED = sorted({kind for kinds in OWN["queues"].values() for kind in kinds})


def test_subscriptions_match_the_topology(settings: Settings) -> None:
    assert {each.name: sorted(each.handlers) for each in service.SERVICE.process(settings).subscriptions()} == {
        name: sorted(kinds) for name, kinds in OWN["queues"].items()
    }


def test_it_counts_every_kind_of_ticket_event_there_is() -> None:
    # Proposals are in no figure yet.
    ticket_types = {kind for kind in CONTRACTS.types() if kind.startswith("ticket.")} - {"ticket.solution.proposed"}
    assert ticket_types == {str(kind) for kind in Kind}


@pytest.mark.parametrize("kind", CONSUMED)
def test_every_consumer_accepts_the_example(kind: str, settings: Settings) -> None:
    handlers = {
        name: handler
        for each in service.SERVICE.process(settings).subscriptions()
        for name, handler in each.handlers.items()
    }
    reader(handlers[kind].view)(CONTRACTS.example(kind))


@pytest.mark.parametrize("kind", [str(kind) for kind in Kind])
def test_an_example_is_logged_with_its_type(kind: str, events: Events, rows: Rows) -> None:
    events.deliver(events.make(kind, 42))
    assert rows("select type, ticket_id, revision from analytics_events") == [(kind, 42, 1)]
