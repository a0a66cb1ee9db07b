"""The queue of another help desk on a real RabbitMQ, with a real Celery as the sender: nothing is lost or doubled."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from celery import Celery
from external_kit.celery_messages import plain_message
from external_kit.message import ExternalMessage
from external_kit.refused_messages import list_refused, publish, send_again
from kombu import pools
from ticket_service.domain.hdts_signature import sign

from ..conftest import Api
from .hdts_sender import COUNT, QUEUE, TASK, TICKET, Consume, Rows, broker, consume, counts, refused
from .test_worker import eventually

__all__ = ["broker", "consume"]

pytestmark = pytest.mark.rabbitmq


@pytest.fixture
def celery(broker: str) -> Iterator[Celery]:
    """A Celery application of another system."""
    app = Celery("helpdesk", broker=broker)
    app.conf.task_ignore_result = True
    yield app
    app.close()
    pools.reset()  # A pooled connection would take the queue for declared, which is deleted after each test.


def test_a_real_celery_sender_is_understood(consume: Consume, celery: Celery, api: Api, rows: Rows) -> None:
    metrics = consume()
    celery.send_task(TASK, kwargs={"ticket_data": TICKET}, queue=QUEUE)
    celery.send_task(TASK, args=[TICKET | {"ticket_id": "HD-2"}], queue=QUEUE)
    celery.send_task(TASK, kwargs=TICKET | {"ticket_id": "HD-3"}, queue=QUEUE, compression="gzip")
    celery.send_task(TASK, kwargs={"ticket": TICKET | {"ticket_id": "HD-4"}}, queue=QUEUE, compression="bzip2")
    celery.send_task(TASK, kwargs={"ticket_data": TICKET | {"ticket_id": "HD-5"}}, queue=QUEUE, countdown=86_400)
    eventually(lambda: rows(COUNT) == [(5,)])
    assert sorted(rows("select external_ticket_id from tickets")) == [(f"HD-{number}",) for number in range(1, 6)]
    ticket = api.get("/api/tickets?q=HD-1")["tickets"][0]
    assert (ticket["title"], ticket["priority"], ticket["sub_category"]) == (TICKET["title"], "urgent", "Laptop")
    assert [entry["actor"] for entry in api.trail(ticket["id"])] == ["hdts"]
    assert counts(metrics) == {"created": 5}


def test_one_in_a_hundred_is_broken_some_come_twice_and_some_change(
    consume: Consume, celery: Celery, broker: str, api: Api, rows: Rows
) -> None:
    chance = random.Random(7)
    tickets = [TICKET | {"ticket_id": f"HD-{number}", "title": f"Ticket {number}"} for number in range(300)]
    broken = [
        {"kwargs": {"ticket_data": TICKET | {"sub_category": None}}},
        {"kwargs": {"ticket_data": TICKET | {"title": "x" * 201}}},
        {"args": [7], "serializer": "pickle"},
    ]
    for ticket in tickets:
        celery.send_task(TASK, kwargs={"ticket_data": ticket}, queue=QUEUE)
        if ticket["ticket_id"].endswith("99"):
            celery.send_task(TASK, queue=QUEUE, **broken.pop())
    assert broken == []
    for ticket in chance.sample(tickets, 30):
        celery.send_task(TASK, kwargs={"ticket_data": ticket}, queue=QUEUE)
    changed = chance.sample(tickets, 20)
    for ticket in changed:
        celery.send_task(TASK, kwargs={"ticket_data": ticket | {"priority": "low"}}, queue=QUEUE)
    metrics = consume()
    eventually(lambda: sum(counts(metrics).values()) == 353)
    assert counts(metrics) == {"created": 300, "unchanged": 30, "updated": 20, "refused": 3}
    assert rows(COUNT) == [(300,)]
    assert rows("select count(*) from outbox where type = 'ticket.created'") == [(300,)]
    priorities = Counter(priority for (priority,) in rows("select priority from tickets"))
    assert priorities == {"urgent": 280, "medium": 20}
    reasons = refused(broker, 3)
    assert sorted(reason.partition(":")[0] for reason in reasons) == ["content_type", "sub_category", "title"]
    assert all("Laptop" not in reason for reason in reasons)


def test_refused_messages_are_kept_as_they_were_and_can_be_sent_again(
    consume: Consume, broker: str, rows: Rows
) -> None:
    metrics = consume(HDTS_MAX_BYTES="1000")
    long = TICKET | {"description": "x" * 2_000}
    publish(broker, QUEUE, [plain_message(long), plain_message(TICKET | {"ticket_id": "HD-2", "priority": "?"})])
    eventually(lambda: counts(metrics) == {"refused": 2})
    first, second = list_refused(broker, QUEUE, 10)
    assert (first.reason, second.reason.partition(":")[0]) == ("body: larger than 1000 bytes", "priority")
    assert json.loads(first.message.body) == long
    assert (first.place, second.place) == (1, 2)
    metrics = consume()
    assert send_again(broker, QUEUE, [1], 10) == 1
    eventually(lambda: rows(COUNT) == [(1,)])
    assert send_again(broker, QUEUE, [], 10) == 1
    eventually(lambda: counts(metrics) == {"created": 1, "refused": 1})
    (again,) = list_refused(broker, QUEUE, 10)
    assert again == replace(second, place=1)
    assert rows("select external_ticket_id from tickets") == [("HD-1",)]


def test_a_signature_is_needed_once_there_is_a_secret_and_two_are_valid(
    consume: Consume, broker: str, rows: Rows
) -> None:
    metrics = consume(HDTS_SECRET="new-secret,old-secret")
    now = int(time.time())

    def signed(number: int, secret: str, at: int = now) -> ExternalMessage:
        message = plain_message(TICKET | {"ticket_id": f"HD-{number}"})
        headers = {"x-hdts-timestamp": str(at), "x-hdts-signature": sign(secret, at, message.body)}
        return replace(message, headers=headers)

    forged = replace(signed(4, "new-secret"), body=plain_message(TICKET | {"ticket_id": "HD-9"}).body)
    messages = [
        signed(1, "new-secret"),
        signed(2, "old-secret", now - 900_000),
        signed(3, "other"),
        forged,
        plain_message(TICKET | {"ticket_id": "HD-5"}),
        signed(6, "new-secret", now + 4_000),
    ]
    publish(broker, QUEUE, messages)
    eventually(lambda: sum(counts(metrics).values()) == 6)
    assert sorted(rows("select external_ticket_id from tickets")) == [("HD-1",), ("HD-2",)]
    assert [reason.partition(":")[0] for reason in refused(broker, 4)] == [
        "x-hdts-signature", "x-hdts-signature", "x-hdts-timestamp", "x-hdts-timestamp",
    ]  # fmt: skip


def test_a_late_message_and_one_that_is_delivered_again_change_nothing(
    consume: Consume, broker: str, rows: Rows
) -> None:
    def message(title: str, at: int | None) -> ExternalMessage:
        made = plain_message(TICKET | {"title": title})
        return made if at is None else replace(made, headers={"x-hdts-timestamp": str(at)})

    first, second = message("first", None), message("second", None)
    publish(broker, QUEUE, [first, second, first])
    metrics = consume()
    eventually(lambda: sum(counts(metrics).values()) == 3)
    assert counts(metrics) == {"created": 1, "updated": 1, "unchanged": 1}
    assert rows("select title from tickets") == [("second",)], "the first is delivered again, not sent again"
    now = int(time.time())
    publish(broker, QUEUE, [message("newest", now), message("older", now - 5), message("first", None)])
    eventually(lambda: sum(counts(metrics).values()) == 6)
    assert counts(metrics)["late"] == 1
    assert rows("select title from tickets") == [("first",)], "sent anew, without a time"
