"""The contracts as the kit reads them."""

from pathlib import Path
from typing import Any

import pytest
from eventbus.bus.port import Queue
from eventbus.consumer import Subscription
from eventbus.contracts import BadEvent, BadTopology, Contracts
from eventbus.worker import _queues

from .shop import TYPES, contracts_of_shop, subscription


def test_queues_are_named_after_service_and_purpose() -> None:
    assert contracts_of_shop().queues("shop") == [Queue("shop.watch", TYPES)]
    assert contracts_of_shop().queue("shop.watch") == Queue("shop.watch", TYPES)
    assert contracts_of_shop().queue("shop.other") is None


def test_only_deployed_services_have_queues_and_count_as_consumers() -> None:
    both = Contracts.installed()
    some = Contracts.installed(("ticket-service", "routing-service"))
    assert both.has_consumer("ticket.updated")
    assert some.has_consumer("ticket.updated")
    assert not Contracts.installed(("ticket-service",)).has_consumer("ticket.updated")
    assert {queue.name.split(".")[0] for queue in some.deployed_queues()} == {"ticket-service", "routing-service"}
    assert len(both.deployed_queues()) > len(some.deployed_queues())


def test_a_service_without_events_needs_no_entry_in_the_topology() -> None:
    contracts = Contracts.installed(("ticket-service", "no-events-service"))
    assert contracts.deployed == ("ticket-service",)
    assert contracts.queues("no-events-service") == []


def test_every_contract_has_an_example_that_keeps_it() -> None:
    contracts = Contracts.installed()
    for kind in contracts.schemas:
        contracts.validate(kind, contracts.schemas[kind]["examples"][0])
        assert contracts.schema_id(kind).endswith("/v1")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"number": "one"}, "number"), ({"company_id": 0}, "company_id"), ({"event": "thing.other"}, "event")],
)
def test_a_body_that_breaks_its_contract_is_refused_and_the_field_named(change: dict[str, Any], field: str) -> None:
    body = {"event": "thing.made", "event_id": "x", "company_id": 1, "number": 1}
    with pytest.raises(BadEvent, match=rf"thing\.made: {field} breaks the rule"):
        contracts_of_shop().validate("thing.made", body | change)


def test_a_missing_field_is_refused_and_a_type_without_contract_too() -> None:
    with pytest.raises(BadEvent, match="required"):
        contracts_of_shop().validate("thing.made", {})
    with pytest.raises(BadEvent, match="has no contract"):
        contracts_of_shop().validate("thing.unheard", {})


def test_what_is_refused_is_not_quoted() -> None:
    with pytest.raises(BadEvent) as refused:
        contracts_of_shop().validate("thing.made", {"event": "thing.made", "number": "a secret"})
    assert "secret" not in str(refused.value)


def test_the_same_contracts_are_read_once() -> None:
    assert Contracts.installed() is Contracts.installed()


def test_subscriptions_that_differ_from_the_topology_stop_the_start() -> None:
    contracts = contracts_of_shop()
    [(queue, of_queue)] = _queues(contracts, "shop", [subscription()])
    assert (queue.name, of_queue.name) == ("shop.watch", "watch")
    with pytest.raises(BadTopology, match="topology has the queues"):
        _queues(contracts, "shop", [])
    with pytest.raises(BadTopology, match="differ in their event types"):
        _queues(contracts, "shop", [Subscription("watch", {"thing.made": subscription().consumers["thing.made"]})])


def test_contracts_come_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "topology.yaml").write_text("services: {a: {publishes: [x.y], queues: {z: [x.y]}}}")
    (tmp_path / "events" / "x.y.v1.json").write_text('{"$id": "https://example.test/x.y/v1", "type": "object"}')
    contracts = Contracts.load(tmp_path)
    assert list(contracts.schemas) == ["x.y"]
    assert contracts.published_by("a") == {"x.y"}
    assert not contracts.is_final("x.y")
