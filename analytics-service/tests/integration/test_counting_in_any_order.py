"""Histories in any order, in batches, by several replicas: the database ends with what a simple model counts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest
from analytics_service.domain.state import Kind, TicketEvent
from analytics_service.store import log
from analytics_service.usecases.rebuild import rebuild
from eventbus.event import Message
from eventbus.retry.policy import is_transient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..conftest import Events, Rows
from ..histories import History, Model, long_histories, mixed_up, modelled

ROLLUPS = ("ticket_totals", "tickets_by_day", "tickets_by_minute")
TABLES = (
    "analytics_events, ticket_state, ticket_totals, tickets_by_day, tickets_by_minute, inbox, tombstones, companies"
)


def as_event(events: Events, ticket_id: int, event: TicketEvent) -> Message:
    """Return the message of an event."""
    body: dict[str, Any] = {}
    if event.kind in (Kind.UPDATED, Kind.STATUS_UPDATED):
        body["status"] = str(event.status)
    if event.confidence is not None:
        body["confidence_score"] = event.confidence / 100
    if event.kind is Kind.ROUTED:
        body |= {"department": event.department, "need_admin": event.need_admin, "rerouted": event.rerouted}
    return events.make(event.kind, ticket_id, revision=event.revision, at=event.at, **body)


def stored(rows: Rows) -> Model:
    """Read the rollups in the shape of the model."""
    (sums,) = rows(
        "select coalesce(sum(tickets), 0), coalesce(sum(tickets) filter (where department = ''), 0),"
        " coalesce(sum(confidence), 0), coalesce(sum(answered), 0), coalesce(sum(answer_confidence), 0),"
        " coalesce(sum(routing_ms), 0), coalesce(sum(resolution_ms), 0), coalesce(sum(rerouted), 0) from ticket_totals"
    )
    total, unrouted, confidence, answers, answer_confidence, routing_ms, resolution_ms, rerouted = map(int, sums)
    return Model(
        by_status=counts(rows, "select status, sum(tickets) from ticket_totals group by 1"),
        by_department=counts(
            rows, "select department, sum(tickets) from ticket_totals where department <> '' group by 1"
        ),
        by_day=counts(rows, "select day::text, sum(created) from tickets_by_day group by 1"),
        unrouted=unrouted,
        total=total,
        confidence=confidence,
        answers=answers,
        answer_confidence=answer_confidence,
        routing_ms=routing_ms,
        resolution_ms=resolution_ms,
        rerouted=rerouted,
    )


def counts(rows: Rows, query: str) -> dict[str, int]:
    return {name: int(number) for name, number in rows(query) if number}


def deliver_until_done(events: Events, batch: Sequence[Message]) -> None:
    """Repeat a batch that failed by a conflict, as the worker does."""
    while True:
        try:
            events.deliver(*batch)
            return
        except Exception as error:
            if not is_transient(error):
                raise


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=mixed_up(), size=st.integers(1, 9))
def test_batches_in_any_order_end_in_what_the_model_counts(
    events: Events, rows: Rows, drawn: tuple[list[History], list[tuple[int, TicketEvent]]], size: int
) -> None:
    rows(f"truncate {TABLES}; select 1")
    histories, shuffled = drawn
    once: dict[tuple[int, TicketEvent], Message] = {}
    messages = [once.setdefault(each, as_event(events, *each)) for each in shuffled]
    for start in range(0, len(messages), size):
        events.deliver(*messages[start : start + size])
        (gap,) = rows(
            "select (select count(*) from ticket_state where created_at is not null and not gone)"
            " - (select coalesce(sum(tickets), 0) from ticket_totals)"
        )
        assert gap == (0,)
    assert stored(rows) == modelled(histories)


def test_four_replicas_at_once_end_in_what_the_model_counts(events: Events, rows: Rows) -> None:
    random = Random(2)
    histories = long_histories(random, 150)
    messages = [as_event(events, history.ticket_id, event) for history in histories for event in history.events]
    messages += random.sample(messages, 100)
    random.shuffle(messages)
    batches = [messages[start : start + 25] for start in range(0, len(messages), 25)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda batch: deliver_until_done(events, batch), batches))
    assert stored(rows) == modelled(histories)


def test_a_rebuild_from_the_log_gives_the_same_figures(
    events: Events, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MAX_CHUNK_ENTRIES", 40)
    random = Random(3)
    histories = long_histories(random, 60)
    messages = [as_event(events, history.ticket_id, event) for history in histories for event in history.events]
    random.shuffle(messages)
    for start in range(0, len(messages), 30):
        events.deliver(*messages[start : start + 30])
    events.deliver(events.make("ticket.created", 999, company=2))
    queries = [f"select * from {table} where {_something(table)} order by 1, 2, 3" for table in ROLLUPS]
    queries.append("select * from ticket_state order by company_id, ticket_id")
    before = [rows(query) for query in queries]
    assert before[0]
    rows("update ticket_totals set tickets = tickets + 7 where company_id = 1; select 1")
    rows("delete from tickets_by_day where company_id = 1; select 1")
    assert rebuild(events.database, 1, number=1) > 0
    assert [rows(query) for query in queries] == before


def _something(table: str) -> str:
    """Leave out rows of zeros, which a rebuild doesn't create."""
    return "tickets <> 0" if table == "ticket_totals" else "created <> 0"


def test_a_deleted_ticket_takes_its_lines_of_the_log_with_it(events: Events, rows: Rows) -> None:
    events.deliver(events.make("ticket.created", 1), events.make("ticket.created", 2))
    events.deliver(events.make("ticket.routed", 1))
    events.deliver(events.make("ticket.deleted", 1, revision=2))
    assert rows("select ticket_id, type from analytics_events order by id") == [
        (2, "ticket.created"),
        (1, "ticket.deleted"),
    ]


def test_the_log_holds_neither_text_nor_names_of_people(events: Events, rows: Rows) -> None:
    secrets = {"title": "Secret title", "description": "Secret text"}
    events.deliver(events.make("ticket.created", 1, **secrets))
    events.deliver(events.make("ticket.updated", 1, revision=2, **secrets, actor="person:secret"))
    events.deliver(events.make("ticket.routed", 1, reason="Secret reason", actor="person:secret"))
    for table in ("analytics_events", "ticket_state", "ticket_totals"):
        assert "ecret" not in str(rows(f"select * from {table}"))


def test_minutes_older_than_the_queries_are_deleted(events: Events, rows: Rows) -> None:
    rows("insert into tickets_by_minute values (1, now() - interval '27 hours', 5); select 1")
    events.deliver(events.make("ticket.created", 1))
    assert rows("select count(*), sum(created) from tickets_by_minute") == [(1, 1)]
