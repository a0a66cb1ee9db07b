"""A RabbitMQ of the test's own is out of disk, out of memory, stopped and killed."""

import os
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from eventbus.bus.port import BusDown, Outcome, Outgoing
from eventbus.bus.rabbitmq import confirming_publisher
from eventbus.testing.rabbitmq_node import RabbitNode

from .acting import collect, consumer_of, eventually, ids, persistently, publisher_of, queue, send
from .worlds import RabbitWorld, message

pytestmark = [pytest.mark.rabbitmq, pytest.mark.slow]

WORK = queue("beta.work", "ticket.*")
BLOCKED_SECONDS = 2.0
ALARMS = {
    "disk": (("set_disk_free_limit", "9999GB"), ("set_disk_free_limit", "1MB")),
    "memory": (
        ("set_vm_memory_high_watermark", "absolute", "1"),
        ("set_vm_memory_high_watermark", "0.8"),
    ),
}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitNode]:
    """A node for this file."""
    try:
        made = RabbitNode(tmp_path_factory.mktemp("rabbit"))
    except FileNotFoundError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))
    made.start()
    yield made
    made.kill()


@pytest.fixture
def world(node: RabbitNode) -> Iterator[RabbitWorld]:
    """A world on it."""
    made = RabbitWorld(node.url)
    yield made
    made.clean()


@pytest.mark.parametrize("cause", ALARMS)
def test_a_broker_blocked_by_an_alarm_delays_publishing_and_loses_nothing(
    node: RabbitNode, world: RabbitWorld, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    raise_alarm, clear_alarm = ALARMS[cause]
    consumer = consumer_of(world, WORK)
    publisher = world.bus("alpha", blocked_seconds=BLOCKED_SECONDS).publisher()
    world.later(publisher.close)
    before = send(world, "ticket.created", by=publisher)
    node.ctl(*raise_alarm)
    try:
        during = message("ticket.created")
        began = time.monotonic()
        with pytest.raises(BusDown, match="alarm"):
            world.send(publisher, [Outgoing(during)])
        assert BLOCKED_SECONDS <= time.monotonic() - began < BLOCKED_SECONDS + 30
        with monkeypatch.context() as patched:
            # A broker known to be blocked is not waited for again.
            patched.setattr(confirming_publisher, "time", SimpleNamespace(monotonic=time.monotonic))
            with pytest.raises(BusDown, match="alarm"):
                world.send(publisher, [Outgoing(during)])
        # Consumers have connections of their own, which an alarm doesn't block.
        got = collect(consumer, 1)
        world.done(consumer, got)
        assert ids(got) == before
    finally:
        node.ctl(*clear_alarm)
    assert persistently(lambda: world.send(publisher, [Outgoing(during)])) == [Outcome.CONFIRMED]
    assert set(ids(collect(consumer, 1))) == {during.id}


def test_an_alarm_shorter_than_the_patience_is_not_noticed(node: RabbitNode, world: RabbitWorld) -> None:
    consumer = consumer_of(world, WORK)
    publisher = publisher_of(world)
    send(world, "ticket.created", by=publisher)
    raise_alarm, clear_alarm = ALARMS["disk"]
    node.ctl(*raise_alarm)
    with pytest.raises(BusDown):
        # Found blocked by one with no patience, so that the patient one surely meets the alarm.
        world.send(_impatient(world), [Outgoing(message("ticket.created"))])
    timer = threading.Timer(1.0, node.ctl, clear_alarm)
    timer.start()
    try:
        [sent] = send(world, "ticket.updated", by=publisher)
    finally:
        timer.join()
    # That of the impatient one, which the broker had taken in already, may come before it.
    eventually(lambda: sent in ids(consumer.receive(10, 0.2)))


def test_what_was_confirmed_survives_a_broker_that_is_stopped_and_started(node: RabbitNode, world: RabbitWorld) -> None:
    consumer = consumer_of(world, WORK, prefetch=1)
    publisher = publisher_of(world)
    sent = send(world, *["ticket.created"] * 50, by=publisher)
    node.ctl("stop_app")
    with pytest.raises(BusDown):
        send(world, "ticket.created", by=publisher)
    node.ctl("start_app")
    after = message("ticket.updated")
    assert persistently(lambda: world.send(publisher, [Outgoing(after)]), seconds=90) == [Outcome.CONFIRMED]
    got: set[str] = set()

    def everything_came() -> bool:
        try:
            received = consumer.receive(1, 0.5)
        except BusDown:
            return False
        world.done(consumer, received)
        got.update(ids(received))
        return got >= {*sent, after.id}

    eventually(everything_came, seconds=90)


def _impatient(world: RabbitWorld):
    publisher = world.bus("alpha", blocked_seconds=0.2).publisher()
    world.later(publisher.close)
    return publisher
