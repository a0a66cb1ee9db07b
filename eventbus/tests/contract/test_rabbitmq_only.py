"""Behaviour of RabbitMQ alone: it refuses, stops answering, and serves many requests at once."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from eventbus.bus.port import BusDown, Outcome, Outgoing, QueueConsumer
from eventbus.bus.rabbitmq import consumer as rabbitmq_consumer
from eventbus.bus.rabbitmq import orphaned_queues
from eventbus.bus.rabbitmq.names import EVENTS_EXCHANGE, control_queue_name
from eventbus.bus.rabbitmq.publisher import RabbitPublisher

from .acting import PATIENCE_SECONDS, collect, consumer_of, eventually, ids, persistently, publisher_of, queue, send
from .proxy import proxied
from .worlds import RabbitWorld, message

pytestmark = pytest.mark.rabbitmq

WORK = queue("beta.work", "ticket.*")


@pytest.fixture
def world(rabbitmq_vhost: str) -> Iterator[RabbitWorld]:
    """An empty world on RabbitMQ."""
    made = RabbitWorld(rabbitmq_vhost)
    yield made
    made.clean()


def test_a_message_that_the_broker_refuses_is_not_confirmed(world: RabbitWorld) -> None:
    publisher = publisher_of(world)
    world.send(publisher, [Outgoing(message("un.routable"))])
    world.names.add("beta.full")
    with pika.BlockingConnection(pika.URLParameters(world.url)) as connection:
        channel = connection.channel()
        full: dict[str, Any] = {"x-max-length": 1, "x-overflow": "reject-publish"}
        channel.queue_declare("beta.full", durable=True, arguments=full)
        channel.queue_bind("beta.full", EVENTS_EXCHANGE, "ticket.created")
    outcomes = world.send(publisher, [Outgoing(message("ticket.created")) for _ in range(3)])
    assert outcomes == [Outcome.CONFIRMED, Outcome.UNCONFIRMED, Outcome.UNCONFIRMED]


def test_a_broker_that_falls_silent_is_noticed_by_both_sides_and_found_again(world: RabbitWorld) -> None:
    with proxied(world.url) as proxy:
        behind = RabbitWorld(proxy.url)
        behind.names = world.names
        publisher = behind.bus("alpha", confirm_seconds=3.0).publisher()
        behind.later(publisher.close)
        consumer = consumer_of(behind, WORK, heartbeat_seconds=2, connect_seconds=5)
        first = send(behind, "ticket.created", by=publisher)
        got = collect(consumer, 1)
        assert ids(got) == first
        behind.done(consumer, got)
        proxy.silent.set()
        began = time.monotonic()
        unsure = message("ticket.updated")
        with pytest.raises(BusDown):
            behind.send(publisher, [Outgoing(unsure)])
        assert time.monotonic() - began < 40
        eventually(lambda: notices_the_outage(consumer))
        proxy.silent.clear()
        persistently(lambda: behind.send(publisher, [Outgoing(unsure)]))
        # The acknowledgement may have been swallowed too: then the first comes again, before the other.
        again = ids(collect(consumer, 1))
        assert unsure.id in (again if again != first else ids(collect(consumer, 1)))
        behind.closing.close()


def notices_the_outage(consumer: QueueConsumer) -> bool:
    """Return whether the queue's depth shows that the bus is down."""
    try:
        consumer.receive(1, 0.2)
    except BusDown:
        return True
    return False


def test_eight_relays_at_once_publish_a_thousand_messages_each(world: RabbitWorld) -> None:
    world.bus("beta").declare([WORK])
    outcomes: list[Outcome] = []

    def publish() -> None:
        publisher = world.bus("alpha").publisher()
        for _ in range(4):
            outcomes.extend(world.send(publisher, [Outgoing(message("ticket.created")) for _ in range(250)]))
        publisher.close()

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Outcome.CONFIRMED] * 8_000


def test_queues_of_services_that_are_gone_are_found_and_deleted(world: RabbitWorld) -> None:
    world.bus("beta").declare([WORK, queue("beta.other", "nothing.*")])
    send(world, "ticket.created")
    eventually(lambda: orphaned_queues.existing(world.url, ["beta.work", "beta.gone"]) == {"beta.work": 1})
    orphaned_queues.delete(world.url, "beta.work")
    assert orphaned_queues.existing(world.url, ["beta.work", "beta.work.dead", "beta.other"]) == {"beta.other": 0}


def test_closing_leaves_no_connection_and_no_thread_behind(world: RabbitWorld) -> None:
    before = {thread.name for thread in threading.enumerate()}
    consumer = consumer_of(world, WORK)
    send(world, "ticket.created")
    collect(consumer, 1)
    world.closing.close()
    # some of an earlier test may end meanwhile
    eventually(lambda: {thread.name for thread in threading.enumerate()} <= before)


def test_a_relay_whose_queue_for_requests_was_deleted_receives_the_next_request(world: RabbitWorld) -> None:
    """Its connection is fine all the while, so nothing else would make it look."""
    publisher: Any = publisher_of(world)
    world.send(publisher, [Outgoing(message("un.routable"))])
    world.delete_queue(control_queue_name("alpha"))
    eventually(lambda: publisher._requests.ended)
    world.bus("beta").declare([WORK])
    asked: set[str] = set()
    eventually(lambda: bool(asked.update(publisher.refill_requests()) or "beta.work" in asked))


def test_a_relay_that_waits_for_a_silent_broker_starts_one_thread_and_no_more() -> None:
    answered = threading.Event()

    def connect() -> Any:
        answered.wait(PATIENCE_SECONDS)
        raise BusDown("it never answered")

    publisher = RabbitPublisher(connect, "alpha", ["alpha"], confirm_seconds=1, blocked_seconds=1)
    before = threading.active_count()
    for _ in range(20):
        assert publisher.refill_requests() == set()
        time.sleep(0.01)
    assert threading.active_count() <= before + 1
    answered.set()


def test_a_consumer_that_comes_back_to_a_deleted_queue_leaves_no_channel_open(world: RabbitWorld) -> None:
    consumer: Any = consumer_of(world, WORK)
    open_before = len(consumer._connection._channels)
    for _ in range(3):
        world.delete_queue(WORK.name)
        eventually(lambda: consumer._consumer.ended)
        assert consumer.receive(1, 0.1) == []
    eventually(lambda: len(consumer._connection._channels) == open_before)


def test_a_consumer_whose_queue_was_deleted_and_made_again_at_once_is_served_again(
    world: RabbitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker may then neither cancel its consumers nor deliver to them."""
    monkeypatch.setattr(rabbitmq_consumer, "MAX_IDLE_SECONDS", 1.0)
    consumer, beta = consumer_of(world, WORK), world.bus("beta")
    beta.declare([WORK])
    for _ in range(3):
        world.delete_queue(WORK.name)
        beta.declare([WORK])
        sent = send(world, "ticket.created")
        got = collect(consumer, 1)
        assert ids(got) == sent
        world.done(consumer, got)
