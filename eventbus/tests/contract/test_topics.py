"""Routing by event type."""

import pytest
from eventbus.bus.port import Outcome, Outgoing

from .acting import collect, consumer_of, ids, nothing_more, publisher_of, queue, send
from .worlds import World, message


@pytest.mark.parametrize(
    ("pattern", "taken", "left"),
    [
        ("ticket.created", ["ticket.created"], ["ticket.created.again", "ticket.updated", "ticket"]),
        ("ticket.*", ["ticket.created", "ticket.updated"], ["ticket.status.updated", "ticket", "file.created"]),
        ("*.created", ["ticket.created", "file.created"], ["created", "ticket.status.created"]),
        ("ticket.#", ["ticket", "ticket.created", "ticket.status.updated"], ["tickets", "tickets.created"]),
        ("#", ["ticket", "ticket.status.updated"], []),
        ("#.updated", ["updated", "ticket.updated", "ticket.status.updated"], ["ticket.updated.late"]),
        ("ticket.#.updated", ["ticket.updated", "ticket.status.updated"], ["ticket.status", "file.ticket.updated"]),
    ],
)
def test_a_pattern_takes_a_star_for_one_word_and_a_hash_for_any_number(
    world: World, pattern: str, taken: list[str], left: list[str]
) -> None:
    consumer = consumer_of(world, queue("beta.pattern", pattern))
    wanted = send(world, *taken)
    send(world, *left)
    last = send(world, taken[0])
    assert ids(collect(consumer, len(taken) + 1)) == wanted + last


def test_every_queue_bound_to_a_type_gets_its_own_copy(world: World) -> None:
    consumers = [consumer_of(world, queue(name, "ticket.created")) for name in ("beta.one", "beta.two", "gamma.one")]
    sent = send(world, "ticket.created", "ticket.created")
    for consumer in consumers:
        assert ids(collect(consumer, 2)) == sent


def test_overlapping_patterns_of_one_queue_give_one_copy(world: World) -> None:
    consumer = consumer_of(world, queue("beta.overlap", "ticket.*", "ticket.created", "#"))
    send(world, "ticket.created")
    collect(consumer, 1)
    nothing_more(consumer)


def test_what_is_sent_straight_to_a_queue_reaches_no_other(world: World) -> None:
    wanted = consumer_of(world, queue("beta.wanted", "ticket.created"))
    other = consumer_of(world, queue("gamma.other", "ticket.created"))
    outgoing = Outgoing(message("ticket.created"), queue="beta.wanted")
    assert world.send(publisher_of(world), [outgoing]) == [Outcome.CONFIRMED]
    assert ids(collect(wanted, 1)) == [outgoing.message.id]
    nothing_more(other)


def test_unroutable_messages_are_reported_one_by_one(world: World) -> None:
    consumer_of(world, queue("beta.some", "ticket.created"))
    outcomes = world.send(
        publisher_of(world),
        [
            Outgoing(message("ticket.created")),
            Outgoing(message("un.routable")),
            Outgoing(message("ticket.created"), queue="beta.missing"),
            Outgoing(message("ticket.created")),
        ],
    )
    assert outcomes == [Outcome.CONFIRMED, Outcome.UNROUTABLE, Outcome.UNROUTABLE, Outcome.CONFIRMED]


def test_attributes_and_body_arrive_as_they_were_sent(world: World) -> None:
    consumer = consumer_of(world, queue("beta.whole", "ticket.created"))
    sent = message("ticket.created", subject="Größe 42 — 漢字", revision=7)
    world.send(publisher_of(world), [Outgoing(sent)])
    [incoming] = collect(consumer, 1)
    assert incoming.message == sent
    assert incoming.deliveries == 1


def test_nothing_to_publish_is_nothing_to_do(world: World) -> None:
    assert world.send(publisher_of(world), []) == []
