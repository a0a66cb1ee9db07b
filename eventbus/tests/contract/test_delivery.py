"""The guarantees of a bus to its consumers."""

import threading
import time
from collections import Counter

from eventbus.bus.port import Outgoing

from .acting import collect, consumer_of, eventually, ids, nothing_more, publisher_of, queue, send
from .worlds import World, message

WORK = queue("beta.work", "ticket.*")


def test_messages_come_in_the_order_in_which_they_were_published(world: World) -> None:
    consumer = consumer_of(world, WORK, prefetch=200)
    sent = send(world, *["ticket.created"] * 120)
    assert ids(collect(consumer, 120)) == sent


def test_receive_returns_what_is_there_and_waits_for_no_more(world: World) -> None:
    consumer = consumer_of(world, WORK)
    send(world, "ticket.created")
    began = time.monotonic()
    assert len(consumer.receive(50, 60)) == 1
    assert time.monotonic() - began < 30


def test_receive_is_woken_by_a_message_that_comes_later(world: World) -> None:
    consumer = consumer_of(world, WORK)
    publisher = publisher_of(world)
    timer = threading.Timer(0.3, send, (world, "ticket.created"), {"by": publisher})
    timer.start()
    try:
        assert len(consumer.receive(50, 60)) == 1
    finally:
        timer.join()


def test_competing_consumers_share_the_work_and_none_of_it_is_done_twice(world: World) -> None:
    consumers = [consumer_of(world, WORK, prefetch=5) for _ in range(3)]
    sent = send(world, *["ticket.created"] * 90)
    by_consumer: Counter[int] = Counter()
    seen: list[str] = []

    def everything_came() -> bool:
        for number, consumer in enumerate(consumers):
            got = consumer.receive(5, 0.05)
            world.done(consumer, got)
            by_consumer[number] += len(got)
            seen.extend(ids(got))
        return len(seen) >= 90

    eventually(everything_came)
    assert Counter(seen) == Counter(sent)
    assert min(by_consumer.values()) > 10, by_consumer


def test_a_consumer_never_holds_more_than_its_prefetch(world: World) -> None:
    consumer = consumer_of(world, WORK, prefetch=4)
    send(world, *["ticket.created"] * 10)
    held = collect(consumer, 4)
    nothing_more(consumer)
    world.done(consumer, held)
    assert len(collect(consumer, 4)) == 4


def test_what_was_settled_does_not_come_again(world: World) -> None:
    first = consumer_of(world, WORK)
    send(world, "ticket.created", "ticket.created")
    world.done(first, collect(first, 2))
    first.close()
    nothing_more(consumer_of(world, WORK, fresh=False))


def test_what_a_closed_consumer_held_goes_to_another(world: World) -> None:
    first = consumer_of(world, WORK)
    sent = send(world, "ticket.created", "ticket.updated", "ticket.created")
    held = collect(first, 3)
    world.done(first, held[1:2])
    first.close()
    assert ids(collect(consumer_of(world, WORK, fresh=False), 2)) == [sent[0], sent[2]]


def test_what_was_released_comes_again_and_costs_no_attempt(world: World) -> None:
    consumer = consumer_of(world, WORK)
    sent = send(world, "ticket.created", "ticket.updated")
    for _ in range(5):
        consumer.release(collect(consumer, 2))
    again = collect(consumer, 2)
    assert ids(again) == sent
    assert [each.deliveries for each in again] == [1, 1]


def test_settling_the_later_half_leaves_the_released_half_to_come_again(world: World) -> None:
    consumer = consumer_of(world, WORK)
    sent = send(world, *["ticket.created"] * 6)
    held = collect(consumer, 6)
    consumer.release(held[:3])
    world.done(consumer, held[3:])
    consumer.close()
    assert ids(collect(consumer_of(world, WORK, fresh=False), 3)) == sent[:3]


def test_an_event_published_twice_is_delivered_at_least_once_and_only_in_whole(world: World) -> None:
    consumer = consumer_of(world, WORK)
    twice = message("ticket.created")
    publisher = publisher_of(world)
    world.send(publisher, [Outgoing(twice), Outgoing(twice)])
    got = collect(consumer, 1)
    got += consumer.receive(5, 0.3)
    assert all(each.message == twice for each in got)


def test_depth_is_the_number_of_messages(world: World) -> None:
    consumer = consumer_of(world, WORK, prefetch=1)
    send(world, *["ticket.created"] * 5)
    eventually(lambda: (consumer.depth() or 0) >= 4)
