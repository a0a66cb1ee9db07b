"""The events that this service publishes are those of the topology; `published` checks each against its contract."""

from typing import Any

from ..conftest import CONTRACTS, Api, Events


def test_published_events_match_the_topology(api: Api, events: Events, rows: Any, published: Any) -> None:
    events.deliver(events.make("ticket.categorized", 1))
    api.call("POST", "/api/departments", {"name": "Legal"})
    api.call("PUT", "/api/departments/Legal", {"description": "Contracts"})
    api.call("DELETE", "/api/departments/Legal")
    emitted = {kind for (kind,) in rows("select distinct type from outbox")}
    assert emitted == CONTRACTS.published_by("routing-service")
    for kind in emitted:
        assert published(kind)
