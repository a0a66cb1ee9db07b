"""What only RabbitMQ does: it refuses, falls silent and is asked by many at once."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from service_kit.messaging.bus.port import BusDown, Consumer, Outcome, Outgoing
from service_kit.messaging.bus.rabbitmq import leftovers
from service_kit.messaging.names import EVENTS_EXCHANGE
from service_kit.testing import rabbitmq

from .acting import collect, consumer_of, eventually, ids, persistently, publisher_of, queue, send
from .proxy import proxied
from .worlds import RabbitWorld, message

pytestmark = pytest.mark.rabbitmq

WORK = queue("beta.work", "ticket.*")


@pytest.fixture(scope="module")
def vhost_url(rabbitmq_url: str) -> Iterator[str]:
    """A virtual host for this file."""
    with rabbitmq.temporary_vhost(rabbitmq_url) as url:
        yield url


@pytest.fixture
def world(vhost_url: str) -> Iterator[RabbitWorld]:
    """A world in it, empty."""
    made = RabbitWorld(vhost_url)
    yield made
    made.clean()


def test_a_message_that_the_broker_refuses_is_not_confirmed(world: RabbitWorld) -> None:
    publisher = publisher_of(world)
    world.send(publisher, [Outgoing(message("nobody.cares"))])
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
        publisher = behind.bus("alpha", confirm_seconds=1.0).publisher()
        behind.later(publisher.close)
        consumer = consumer_of(behind, WORK, heartbeat_seconds=1, connect_seconds=1)
        first = send(behind, "ticket.created", by=publisher)
        got = collect(consumer, 1)
        assert ids(got) == first
        behind.done(consumer, got)
        proxy.silent.set()
        began = time.monotonic()
        unsure = message("ticket.updated")
        with pytest.raises(BusDown):
            behind.send(publisher, [Outgoing(unsure)])
        assert time.monotonic() - began < 8
        eventually(lambda: notices_the_outage(consumer))
        proxy.silent.clear()
        persistently(lambda: behind.send(publisher, [Outgoing(unsure)]))
        # The acknowledgement may have been swallowed too: then the first comes again, before the other.
        again = ids(collect(consumer, 1))
        assert unsure.id in (again if again != first else ids(collect(consumer, 1)))
        behind.closing.close()


def notices_the_outage(consumer: Consumer) -> bool:
    """Tell whether a look at the queue says that the bus is down."""
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
    eventually(lambda: leftovers.existing(world.url, ["beta.work", "beta.gone"]) == {"beta.work": 1})
    leftovers.delete(world.url, "beta.work")
    assert leftovers.existing(world.url, ["beta.work", "beta.work.dead", "beta.other"]) == {"beta.other": 0}


def test_closing_leaves_no_connection_and_no_thread_behind(world: RabbitWorld) -> None:
    before = {thread.name for thread in threading.enumerate()}
    consumer = consumer_of(world, WORK)
    send(world, "ticket.created")
    collect(consumer, 1)
    world.closing.close()
    eventually(lambda: {thread.name for thread in threading.enumerate()} == before)
