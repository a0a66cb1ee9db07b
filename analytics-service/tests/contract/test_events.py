"""Every type of ticket event is counted and logged."""

import pytest
from analytics_service.domain.state import Kind

from ..conftest import CONTRACTS, Events, Rows

IN_NO_FIGURE_YET = {
    "ticket.assigned",
    "ticket.commented",
    "ticket.comment.updated",
    "ticket.comment.deleted",
    "ticket.solution.proposed",
}


def test_it_counts_every_kind_of_ticket_event_there_is() -> None:
    assert {kind for kind in CONTRACTS.schemas if kind.startswith("ticket.")} - IN_NO_FIGURE_YET == set(map(str, Kind))


@pytest.mark.parametrize("kind", [str(kind) for kind in Kind])
def test_an_example_is_logged_with_its_type(kind: str, events: Events, rows: Rows) -> None:
    events.deliver(events.make(kind, 42))
    assert rows("select type, ticket_id, revision from analytics_events") == [(kind, 42, 1)]
