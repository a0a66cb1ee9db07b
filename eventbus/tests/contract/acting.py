"""Actions that many tests perform on a bus."""

import time
from collections.abc import Callable

from eventbus.bus.port import BusDown, Incoming, Outgoing, Publisher, Queue, QueueConsumer

from .worlds import World, message

PATIENCE_SECONDS = 180.0


def queue(name: str, *patterns: str) -> Queue:
    """Name a queue and what it is bound to."""
    return Queue(name, patterns)


def publisher_of(world: World, service: str = "alpha") -> Publisher:
    """Open a publisher that is closed after the test."""
    made = world.bus(service).publisher()
    world.later(made.close)
    return made


def consumer_of(
    world: World, wanted: Queue, *, prefetch: int = 50, fresh: bool = True, **tuning: float
) -> QueueConsumer:
    """Open a consumer of the queue's own service, closed after the test; `fresh` has it declare the queue now."""
    made = world.bus(wanted.name.split(".")[0], **tuning).consumer(wanted, prefetch)
    world.later(made.close)
    if fresh:
        assert made.receive(1, 0) == []
    return made


def send(world: World, *event_types: str, by: Publisher | None = None) -> list[str]:
    """Publish one event of each type; return their ids."""
    messages = [message(event_type) for event_type in event_types]
    world.send(by or publisher_of(world), [Outgoing(each) for each in messages])
    return [each.id for each in messages]


def collect(consumer: QueueConsumer, count: int, *, seconds: float = PATIENCE_SECONDS) -> list[Incoming]:
    """Receive until `count` messages came, riding over outages; fail when the time is up."""
    got: list[Incoming] = []
    deadline = time.monotonic() + seconds
    while len(got) < count:
        assert time.monotonic() < deadline, f"{len(got)} of {count} messages came within {seconds} s"
        try:
            got += consumer.receive(count - len(got), 0.2)
        except BusDown:
            time.sleep(0.05)
    return got


def ids(incoming: list[Incoming]) -> list[str]:
    """Return the events' ids."""
    return [each.message.id for each in incoming]


def nothing_more(consumer: QueueConsumer, *, seconds: float = 0.3) -> None:
    """Fail if another message comes."""
    assert consumer.receive(1, seconds) == []


def eventually(holds: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it is so; fail when the time is up."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def persistently(act: Callable[[], object], *, seconds: float = PATIENCE_SECONDS) -> object:
    """Repeat an action until the bus is reachable."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return act()
        except BusDown:
            assert time.monotonic() < deadline, "the bus did not come back"
            time.sleep(0.05)
