"""Connections break, queues vanish: both come back, and what was lost with a queue is sent again."""

from contextlib import suppress

import pytest
from eventbus.bus.port import Bus, BusDown, LostLease, Outcome, Outgoing
from eventbus.bus.postgres import PostgresBus

from .acting import collect, consumer_of, eventually, ids, persistently, publisher_of, queue, send
from .worlds import PostgresWorld, RabbitWorld, World, message

WORK = queue("beta.work", "ticket.*")


def test_a_consumer_finds_its_way_back_after_its_connection_was_cut(broker: World) -> None:
    consumer = consumer_of(broker, WORK)
    publisher = publisher_of(broker)
    first = send(broker, "ticket.created", by=publisher)
    assert ids(collect(consumer, 1)) == first
    broker.cut()
    second = persistently(lambda: send(broker, "ticket.updated", by=publisher))
    # The first was never settled, so it comes again.
    assert sorted(ids(collect(consumer, 2))) == sorted([*first, *second])


def test_settling_what_an_older_connection_received_neither_fails_silently_nor_loses_anything(broker: World) -> None:
    consumer = consumer_of(broker, WORK)
    sent = send(broker, "ticket.created")
    old = collect(consumer, 1)
    broker.cut()
    new = collect(consumer, 1)
    assert ids(new) == sent
    if isinstance(broker, PostgresWorld):
        with pytest.raises(LostLease):
            broker.done(consumer, old)
    else:
        broker.done(consumer, old)
    consumer.close()
    assert ids(collect(consumer_of(broker, WORK, fresh=False), 1)) == sent


def test_a_publisher_finds_its_way_back_after_its_connection_was_cut(broker: World) -> None:
    consumer = consumer_of(broker, WORK)
    publisher = publisher_of(broker)
    send(broker, "ticket.created", by=publisher)
    broker.cut()
    second = persistently(lambda: send(broker, "ticket.created", by=publisher))
    assert second[0] in ids(collect(consumer, 2))


def test_a_queue_deleted_under_its_consumer_is_made_again_and_a_refill_is_asked_for(world: World) -> None:
    publisher = publisher_of(world)
    publisher.refill_requests()
    consumer = consumer_of(world, WORK, prefetch=1)
    eventually(lambda: publisher.refill_requests() == {WORK.name})
    eventually(lambda: publisher.refill_requests() == set())
    send(world, "ticket.created", by=publisher)
    in_hand = collect(consumer, 1)
    lost = message("ticket.created")
    world.send(publisher, [Outgoing(lost)])
    world.delete_queue(WORK.name)
    with suppress(LostLease):
        world.done(consumer, in_hand)
    found: list[str] = []

    def refilled() -> bool:
        found.extend(ids(consumer.receive(5, 0.1)))
        for name in publisher.refill_requests():
            # As the relay does: what it published once it can publish again, to the one queue that lost it.
            assert world.send(publisher, [Outgoing(lost, queue=name)]) == [Outcome.CONFIRMED]
        return lost.id in found

    eventually(refilled)
    another = consumer_of(world, WORK, fresh=False)
    after = send(world, "ticket.updated", by=publisher)
    consumer.close()
    assert after[0] in ids(collect(another, 1)) + ids(another.receive(5, 0.5))


def test_the_first_declaration_requests_one_refill_of_a_missing_queue(world: World) -> None:
    publisher = publisher_of(world)
    bus = world.bus("alpha")
    publisher.refill_requests()
    assert bus.declare([WORK, queue("gamma.work", "ticket.*")]) == [WORK.name, "gamma.work"]
    eventually(lambda: publisher.refill_requests() == {WORK.name, "gamma.work"})
    assert bus.declare([WORK, queue("gamma.work", "ticket.*")]) == []
    eventually(lambda: publisher.refill_requests() == set())


def test_an_operator_can_ask_for_a_refill(world: World) -> None:
    publisher = publisher_of(world)
    publisher.refill_requests()
    # The broker refuses requests while a queue for them has no leader yet.
    persistently(lambda: world.bus("gamma").request_refill("gamma.work"))
    eventually(lambda: publisher.refill_requests() == {"gamma.work"})


def test_a_refill_request_waits_for_a_relay_that_is_down(broker: World) -> None:
    broker.bus("beta").declare([WORK])
    for service in ("alpha", "gamma"):
        publisher = publisher_of(broker, service)
        eventually(lambda publisher=publisher: publisher.refill_requests() == {WORK.name})


def test_a_refill_request_outlives_the_relay_that_was_killed_while_answering_it(broker: World) -> None:
    first = publisher_of(broker)
    broker.bus("beta").declare([WORK])
    eventually(lambda: first.refill_requests() == {WORK.name})
    first.close()
    second = publisher_of(broker)
    eventually(lambda: second.refill_requests() == {WORK.name})


def test_a_bus_that_is_not_there_says_so(broker: World) -> None:
    missing = RabbitWorld("amqp://guest:guest@127.0.0.1:1/") if broker.kind == "rabbitmq" else None
    bus: Bus = missing.bus("beta") if missing else _postgres_nowhere()
    consumer = bus.consumer(WORK, 10)
    with pytest.raises(BusDown):
        consumer.receive(1, 5)
    with pytest.raises(BusDown):
        bus.declare([WORK])
    consumer.close()
    bus.close()


def _postgres_nowhere():

    return PostgresBus("postgresql://unknown@127.0.0.1:1/nothing", "beta")
