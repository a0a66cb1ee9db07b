"""Rows that a commit hands to the relay of its own process, which then needs no query for them."""

from collections.abc import Iterator
from typing import Any

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.publish import handover, outbox, outbox_queries
from eventbus.publish.batch_throttle import FULL_BATCH_EVENTS
from eventbus.publish.relay import Relay
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase

from .conftest import Build
from .shop import QUEUE, announce, event, rows

UNPUBLISHED = "select count(*) from outbox where published_at is null"
LONG_AGO = float("-inf")


@pytest.fixture
def handed(build: Build, queries: list[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """A relay whose last query stays recent however long a test takes."""
    monkeypatch.setattr(handover, "MAX_QUERY_AGE_SECONDS", 1e9)
    worker = build()
    assert worker.relay._take_over()
    worker.relay.step()
    queries.clear()
    yield worker.relay
    worker.relay._stand_down()


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of rows of each query so far."""
    select, found = outbox_queries.select_pending, []

    def counted(*arguments: Any) -> list[Any]:
        taken = select(*arguments)
        found.append(len(taken))
        return taken

    monkeypatch.setattr(outbox_queries, "select_pending", counted)
    return found


def test_handed_over_rows_are_published_once_and_marked_without_a_query(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, handed: Relay, queries: list[int]
) -> None:
    ids = announce(database, event(subject="1"), event(subject="2"))
    assert handed.step() == 2
    assert queries == []
    assert rows(kit, UNPUBLISHED) == [(0,)]
    assert handed.step() == 0
    assert [item.id for item in bus.waiting(QUEUE)] == ids


def test_a_handed_over_row_equals_the_stored_row(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, handed: Relay
) -> None:
    announce(database, event(subject='"quoted", {braced} and \\ back'))
    handed.step()
    rows(kit, "with again as (update outbox set published_at = null returning 1) select count(*) from again")
    handed._handover._queried_at = LONG_AGO
    handed.step()
    first, second = bus.waiting(QUEUE)
    assert (first.id, first.type, first.body) == (second.id, second.type, second.body)
    assert dict(first.attributes) | {"time": ""} == dict(second.attributes) | {"time": ""}


def test_a_row_that_a_query_returned_is_not_published_again_when_it_is_handed_over_late(
    database: Database, bus: MemoryBus, handed: Relay
) -> None:
    late: list[Any] = []
    database.wake = late.extend
    announce(database, event())
    assert handed.step() == 1
    handed.hand_over(late)
    assert handed.step() == 0
    assert len(bus.waiting(QUEUE)) == 1


def test_handed_over_rows_do_not_delay_the_events_of_others(
    database: Database, bus: MemoryBus, handed: Relay, queries: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "MAX_QUERY_AGE_SECONDS", -1.0)
    announce(database, event())
    assert handed.step() == 1
    assert queries == [1]


def test_the_relay_queries_for_many_rows(database: Database, handed: Relay, queries: list[int]) -> None:
    announce(database, *(event(subject=str(number)) for number in range(FULL_BATCH_EVENTS)))
    announce(database, event(subject="one more"))
    assert handed.step() == FULL_BATCH_EVENTS
    assert handed.step() == 1
    assert queries == [1]


def test_what_was_rolled_back_is_never_published(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, handed: Relay
) -> None:
    with database.session(1) as session, session.begin():
        savepoint = session.begin_nested()
        outbox.add(session, event(subject="undone"))
        savepoint.rollback()
        outbox.add(session, event(subject="done"))
    handed.step()
    handed._handover._queried_at = LONG_AGO
    handed.step()
    assert [item.attributes["subject"] for item in bus.waiting(QUEUE)] == ["done"]
