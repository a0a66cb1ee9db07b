"""Delivered at least once, effects once: what a batch does with what it is given."""

from collections.abc import Sequence
from dataclasses import replace

from eventbus.bus.memory import MemoryBus
from eventbus.subscription import Delivery
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy.orm import Session

from .conftest import Build
from .shop import QUEUE, Thing, eventually, message, note, notes, rows, send, subscription


def test_an_event_has_its_effect_and_is_acknowledged(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    build().start()
    send(bus, message(number=7))
    eventually(lambda: notes(kit) == ["thing.made 1 7"])
    eventually(lambda: not bus.waiting(QUEUE))


def test_an_event_that_comes_twice_has_its_effect_once(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    twice = message(number=1)
    send(bus, twice, twice, message(number=2), twice)
    build().start()
    eventually(lambda: len(notes(kit)) == 2)
    send(bus, twice, message(number=3))
    eventually(lambda: notes(kit)[-1:] == ["thing.made 1 3 late"])
    assert len(notes(kit)) == 3


def test_two_replicas_that_get_the_same_events_do_each_once(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    messages = [message(subject=str(number), number=number) for number in range(300)]
    send(bus, *messages, *reversed(messages))
    first, second = build(), build()
    first.start()
    second.start()
    eventually(lambda: len(notes(kit)) == 300 and not bus.waiting(QUEUE))
    assert len(set(notes(kit))) == 300
    assert rows(kit, "select count(*) from inbox") == [(300,)]


def test_a_late_revision_changes_no_state_but_still_happened(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    build().start()
    send(bus, message(revision=5, number=5))
    eventually(lambda: len(notes(kit)) == 1)
    send(bus, message(revision=3, number=3))
    eventually(lambda: notes(kit) == ["thing.made 1 5", "thing.made 1 3 late"])


def test_of_several_revisions_in_one_batch_only_the_highest_is_newest(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    send(bus, *(message(revision=number, number=number) for number in (2, 9, 4)))
    build().start()
    eventually(lambda: notes(kit) == ["thing.made 1 2 late", "thing.made 1 9", "thing.made 1 4 late"])


def test_nothing_has_an_effect_on_a_subject_after_its_end(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    build().start()
    send(bus, message("thing.ended"))
    eventually(lambda: notes(kit) == ["thing.ended 1 1"])
    send(bus, message("thing.changed", revision=99), message("thing.changed", subject="2"))
    eventually(lambda: notes(kit)[1:] == ["thing.changed 2 1"])


def test_what_was_announced_about_a_subject_goes_with_it(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    add = """
        insert into outbox (id, company_id, subject, type, revision, body, actor_kind, published_at)
        select gen_random_uuid(), company, subject, 'thing.changed', 1, 'its body', 'system', published
        from (values (1, '1', now()), (1, '1', null), (1, '2', now()), (2, '1', now()))
             as o(company, subject, published)
    """
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(add)
    send(bus, message("thing.ended"))
    build().start()
    eventually(lambda: notes(kit) == ["thing.ended 1 1"])
    left = rows(kit, "select company_id, subject from outbox where body = 'its body' order by 1, 2")
    assert left == [(1, "2"), (2, "1")]


def test_an_end_in_the_same_batch_outranks_what_came_before_it(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    send(bus, message("thing.made"), message("thing.ended"), message("thing.changed"), message(subject="2"))
    build().start()
    eventually(lambda: notes(kit) == ["thing.ended 1 1", "thing.made 2 1"])
    assert rows(kit, "select count(*) from inbox") == [(4,)]


def test_the_companies_of_a_batch_are_kept_apart_and_remembered(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    send(bus, message(company=1), message(company=2), message(company=3, subject="x"))
    build().start()
    eventually(lambda: len(notes(kit)) == 3)
    assert rows(kit, "select company_id from notes order by 1") == [(1,), (2,), (3,)]
    assert rows(kit, "select id from companies order by 1") == [(1,), (2,), (3,)]


def test_what_does_not_concern_a_consumer_is_acknowledged_and_leaves_no_trace(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    def only_even(delivery: Delivery[Thing]) -> bool:
        return delivery.body.number % 2 == 0

    build(subscription(concerns=only_even, track_revisions=False)).start()
    send(bus, *(message(subject=str(number), number=number, company=number) for number in (1, 2, 3, 4)))
    send(bus, message(number=5))
    eventually(lambda: notes(kit) == ["thing.made 2 2", "thing.made 4 4"] and not bus.waiting(QUEUE))
    assert rows(kit, "select count(*) from inbox") == [(2,)]
    assert rows(kit, "select id from companies order by 1") == [(2,), (4,)]


def test_events_without_a_latency_target_form_one_batch(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> None:
    sizes: list[int] = []

    def count(session: Session, deliveries: Sequence[Delivery[Thing]]) -> None:
        sizes.append(len(deliveries))
        note(session, deliveries)

    build(replace(subscription(count), max_batch_delay_seconds=3.0)).start()
    send(bus, message(subject="1"))
    send(bus, message(subject="2"), message(subject="3"))
    eventually(lambda: len(notes(kit)) == 3)
    assert sizes == [3]
    eventually(lambda: not bus.waiting(QUEUE))
