"""Replicas, people and admins at once: nothing is lost, nothing counted twice, every revision is given once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

from eventbus.event import Message
from eventbus.retry.policy import is_transient
from flask import Flask

from ..conftest import Api, Events

Rows = Callable[..., list[tuple[Any, ...]]]
DEPARTMENTS = ("IT Support", "HR", "Facilities", "Finance", "General")
COUNTED = (
    "select department, count(*), sum(routings), count(*) filter (where rerouted), sum(confidence_score * 100)::bigint"
    " from tickets where department is not null and not gone group by 1 order by 1"
)
STORED = "select department, tickets, routings, rerouted, confidence from routing_totals where tickets <> 0 order by 1"


def deliver_until_done(events: Events, batch: list[Message]) -> None:
    """Repeat a batch that failed by a conflict, as the worker does."""
    while True:
        try:
            events.deliver(*batch)
            return
        except Exception as error:
            if not is_transient(error):
                raise


def a_life(events: Events, random: Random, ticket_id: int) -> list[Message]:
    """Return all events of one ticket."""
    messages: list[Message] = []
    for revision in (1, 2):
        prediction = {"department": random.choice(DEPARTMENTS), "confidence_score": random.randrange(0, 10_000) / 100}
        messages.append(events.make("ticket.categorized", ticket_id, revision=revision, **prediction))
    if random.random() < 0.3:
        wanted = random.choice(DEPARTMENTS)
        messages.append(events.make("ticket.updated", ticket_id, revision=2, wanted_department=wanted))
    if random.random() < 0.2:
        messages.append(events.make("ticket.deleted", ticket_id, revision=3))
    return messages


def test_replicas_and_people_at_once_leave_counts_that_add_up(app: Flask, api: Api, events: Events, rows: Rows) -> None:
    random = Random(7)
    messages = [message for ticket_id in range(1, 81) for message in a_life(events, random, ticket_id)]
    messages += random.sample(messages, 40)
    random.shuffle(messages)
    batches = [messages[start : start + 20] for start in range(0, len(messages), 20)]

    def route(seed: int) -> set[int]:
        mine, client = Random(seed), Api(app.test_client(), subject=str(seed))
        return {
            client.call(
                "PUT", f"/api/route/{mine.randrange(1, 81)}", {"department": mine.choice(DEPARTMENTS)}
            ).status_code
            for _ in range(40)
        }

    with ThreadPoolExecutor(6) as pool:
        people = [pool.submit(route, seed) for seed in (1, 2)]
        list(pool.map(lambda batch: deliver_until_done(events, batch), batches))
        statuses = set().union(*(person.result() for person in people))
    assert statuses <= {200, 404, 503}
    assert 200 in statuses
    assert rows(STORED) == rows(COUNTED)
    gaps = rows(
        "select subject from outbox where type = 'ticket.routed' group by subject"
        " having count(*) <> max(revision) or count(distinct revision) <> count(*)"
    )
    assert gaps == []
    unlike = rows(
        "select t.ticket_id from tickets t join outbox o on o.subject = t.ticket_id::text and o.type = 'ticket.routed'"
        " and o.revision = t.revision where not t.gone and (o.body::jsonb ->> 'department') <> t.department"
    )
    assert unlike == []
    assert rows("select count(*) from ticket_routing r join tickets using (company_id, ticket_id) where gone") == [(0,)]


def test_no_ticket_ends_in_a_department_that_was_deleted_meanwhile(
    app: Flask, api: Api, events: Events, rows: Rows
) -> None:
    api.call("POST", "/api/departments", {"name": "Legal"})
    messages = [events.make("ticket.categorized", n, department="Legal") for n in range(1, 41)]

    def delete() -> int:
        return Api(app.test_client()).call("DELETE", "/api/departments/Legal").status_code

    with ThreadPoolExecutor(3) as pool:
        batches = [pool.submit(deliver_until_done, events, messages[n : n + 2]) for n in range(0, 40, 2)]
        statuses = [pool.submit(delete).result() for _ in range(5)]
        for batch in batches:
            batch.result()
    ended = rows("select department, count(*) from tickets group by 1")
    if 204 in statuses:
        assert ended == [("General", 40)]
    else:
        assert set(statuses) == {409}
        assert ended == [("Legal", 40)]


def test_the_seeded_departments_are_published_once_whatever_the_concurrency(events: Events, rows: Rows) -> None:
    batches = [[events.make("ticket.categorized", n)] for n in range(1, 13)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda batch: deliver_until_done(events, batch), batches))
    assert rows("select count(*) from outbox where type = 'department.created'") == [(5,)]
    assert rows("select count(*) from outbox where type = 'ticket.routed'") == [(12,)]


def test_admins_change_departments_concurrently_without_deadlocks(app: Flask, api: Api) -> None:
    assert api.call("GET", "/api/departments").status_code == 200

    def change(name: str) -> set[int]:
        client = Api(app.test_client())
        return {
            client.call("PUT", f"/api/departments/{name}", {"description": f"{name}, version {number}"}).status_code
            for number in range(25)
        }

    with ThreadPoolExecutor(4) as pool:
        assert set().union(*pool.map(change, ("HR", "Facilities", "Finance", "General"))) == {200}
