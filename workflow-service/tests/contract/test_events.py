"""The events that this service publishes are those of the topology; `published` checks each against its contract."""

from typing import Any

from ..conftest import CONTRACTS, Api, Desk

OF_SCANS = {"sla.warning", "sla.breached", "sla.retracted"}
OF_PARTNERS = {"task.external.decided", "task.completed"}
OF_APPROVALS = {"task.approval.requested"}
"""Events whose own tests check them against their contracts."""


def test_published_events_match_the_topology(api: Api, desk: Desk, rows: Any, published: Any) -> None:
    desk.team(1, "ann")
    desk.route(1)
    api.deployed()
    desk.route(2, category="Other")
    emitted = {kind for (kind,) in rows("select distinct type from outbox")}
    assert emitted | OF_SCANS | OF_PARTNERS | OF_APPROVALS == CONTRACTS.published_by("workflow-service")
    for kind in emitted:
        assert published(kind)
