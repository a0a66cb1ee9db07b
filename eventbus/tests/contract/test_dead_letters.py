"""The bus keeps dead-lettered messages until they are stored elsewhere."""

from eventbus.bus.port import Outgoing

from .acting import collect, consumer_of, eventually, nothing_more, publisher_of, queue, send
from .worlds import World, message

WORK = queue("beta.work", "ticket.*")


def worn_out(world: World) -> str:
    """Leave one message in the dead letters of the queue; return its id."""
    world.bus("beta").declare([WORK])
    [dead] = send(world, "ticket.created")
    world.wear_out(WORK)
    consumer = consumer_of(world, WORK)
    nothing_more(consumer)
    consumer.close()
    return dead


def test_a_message_that_was_delivered_too_often_leaves_the_queue_for_the_dead_letters(world: World) -> None:
    dead = worn_out(world)
    bus = world.bus("beta")
    eventually(lambda: [each.id for each in bus.drain_dead(WORK.name, 10)] == [dead])


def test_a_dead_letter_comes_again_until_it_is_forgotten(world: World) -> None:
    dead = worn_out(world)
    first = world.bus("beta")
    eventually(lambda: [each.id for each in first.drain_dead(WORK.name, 10)] == [dead])
    assert [each.id for each in first.drain_dead(WORK.name, 10)] == [dead]
    first.close()
    second = world.bus("beta")
    eventually(lambda: [each.id for each in second.drain_dead(WORK.name, 10)] == [dead])
    second.delete_dead(WORK.name, second.drain_dead(WORK.name, 10))
    assert second.drain_dead(WORK.name, 10) == []
    second.close()
    assert world.bus("beta").drain_dead(WORK.name, 10) == []


def test_a_dead_letter_keeps_its_attributes_and_body(world: World) -> None:
    world.bus("beta").declare([WORK])
    sent = message("ticket.created", subject="77")
    world.send(publisher_of(world), [Outgoing(sent)])
    world.wear_out(WORK)
    consumer_of(world, WORK)
    bus = world.bus("beta")
    eventually(lambda: bus.drain_dead(WORK.name, 10) == [sent])


def test_a_poisonous_message_does_not_hold_up_the_others(world: World) -> None:
    worn_out(world)
    consumer = consumer_of(world, WORK)
    send(world, "ticket.created", "ticket.updated")
    collect(consumer, 2)
