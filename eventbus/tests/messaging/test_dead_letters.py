"""Administrators list, show, replay and discard parked events."""

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.metrics import register_table_metrics
from eventbus.retry import dead_letters
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.postgres import ServiceDatabase

from eventbus import retention, trace

from .conftest import Build
from .shop import QUEUE, Moody, announce, event, eventually, message, notes, rows, send, subscription


@pytest.fixture
def dead(kit: ServiceDatabase, bus: MemoryBus, build: Build) -> Moody:
    """A worker with one dead letter of company 1 and one of company 2."""
    moody = Moody({1})
    build(subscription(moody), retry_seconds=()).start()
    send(bus, message(subject="a", number=1), message(subject="b", number=1, company=2))
    eventually(lambda: rows(kit, "select count(*) from parked where state = 'dead'") == [(2,)])
    return moody


def test_a_company_sees_only_its_own(database: Database, dead: Moody) -> None:
    with database.session(1) as session:
        [mine] = dead_letters.list_dead_letters(session)
        assert (mine.subject, mine.state, mine.queue, mine.attempts) == ("a", "dead", QUEUE, 1)
        whole = dead_letters.show(session, mine.id)
    assert whole is not None
    assert whole.message_headers is not None
    assert whole.message_headers["subject"] == "a"
    assert '"number":1' in bytes(whole.body).decode()
    with database.session(2) as session:
        assert dead_letters.show(session, mine.id) is None
        assert not dead_letters.replay(session, mine.id, actor="mallory")
        assert not dead_letters.discard(session, mine.id, actor="mallory", reason="spite")


def test_lists_go_by_queue_state_and_pages(database: Database, dead: Moody) -> None:
    with database.session(1, 2) as session:
        newest, older = dead_letters.list_dead_letters(session)
        assert newest.id > older.id
        assert [item.id for item in dead_letters.list_dead_letters(session, limit=1)] == [newest.id]
        assert [item.id for item in dead_letters.list_dead_letters(session, before=newest.id)] == [older.id]
        assert dead_letters.list_dead_letters(session, queue="other") == []
        assert dead_letters.list_dead_letters(session, state="waiting") == []
        assert len(dead_letters.list_dead_letters(session, queue=QUEUE, state="dead")) == 2


def test_a_dead_letter_sent_again_has_its_effect_once_and_leaves_a_record(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, dead: Moody
) -> None:
    dead.mended()
    for _ in range(2):
        with database.session(1) as session, session.begin():
            for item in dead_letters.list_dead_letters(session):
                assert dead_letters.replay(session, item.id, actor="ann")
    eventually(lambda: notes(kit) == ["thing.made a 1"])
    eventually(lambda: rows(kit, "select subject from parked") == [("b",)])
    assert set(rows(kit, "select action, actor, company_id from parked_actions")) == {("replayed", "ann", 1)}


def test_a_dead_letter_sent_again_that_fails_again_is_dead_again(
    kit: ServiceDatabase, database: Database, dead: Moody
) -> None:
    with database.session(1) as session, session.begin():
        [item] = dead_letters.list_dead_letters(session)
        dead_letters.replay(session, item.id, actor="ann")
    eventually(lambda: dead.calls >= 4)
    eventually(lambda: rows(kit, "select state, attempts from parked where subject = 'a'") == [("dead", 1)])


def test_what_is_discarded_is_gone_but_for_the_record(kit: ServiceDatabase, database: Database, dead: Moody) -> None:
    with database.session(1) as session, session.begin():
        [item] = dead_letters.list_dead_letters(session)
        assert dead_letters.discard(session, item.id, actor="ann", reason="a test")
    assert rows(kit, "select subject from parked") == [("b",)]
    assert rows(kit, "select action, actor, reason, event_id from parked_actions") == [
        ("discarded", "ann", "a test", item.event_id)
    ]


def test_many_dead_letters_are_sent_again_quickly_and_nothing_happens_twice(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    moody = Moody(set(range(1000)))
    worker = build(subscription(moody), retry_seconds=())
    for number in range(1000):
        worker._retry_store.dead_letter(QUEUE, message(subject=str(number), number=number), "a test")
    moody.mended()
    with database.session(1) as session, session.begin():
        for page in range(10):
            for item in dead_letters.list_dead_letters(session, state="dead", limit=100):
                dead_letters.replay(session, item.id, actor="ann")
            assert page < 10
    worker.start()
    eventually(lambda: rows(kit, "select count(*) from parked") == [(0,)], seconds=60)
    assert rows(kit, "select count(*), count(distinct note) from notes") == [(1000, 1000)]


def test_what_the_broker_gave_up_on_is_parked_with_its_reason_and_then_forgotten_there(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    worker = build()
    bus.give_up_on(QUEUE, message(subject="x"))
    bus.give_up_on(QUEUE, message(subject="y"))
    assert retention.drain_dead_letters(bus, worker._retry_store, [QUEUE]) == 2
    assert retention.drain_dead_letters(bus, worker._retry_store, [QUEUE]) == 0
    assert rows(kit, "select state, subject, reason like 'the broker gave up%%' from parked order by subject") == [
        ("dead", "x", True),
        ("dead", "y", True),
    ]


def test_a_trace_shows_a_subject_s_hops_within_its_company(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    build(subscription(Moody({2}))).start()
    made, failed = announce(database, event(number=1), event("thing.changed", number=2))
    eventually(lambda: len(notes(kit)) == 1 and rows(kit, "select count(*) from parked") == [(1,)])
    eventually(lambda: rows(kit, "select count(*) from outbox where published_at is null") == [(0,)])
    with database.session(1) as session:
        hops = trace.read(session, "1")
    found = {(hop.step, hop.queue, hop.event_id, hop.type) for hop in hops}
    assert found == {
        ("published", "", made, "thing.made"),
        ("published", "", failed, "thing.changed"),
        ("consumed", QUEUE, made, "thing.made"),
        ("parked", QUEUE, failed, "thing.changed"),
    }
    for hop in hops:
        assert hop.event_time <= hop.begun_at
        assert hop.step == "parked" or (hop.done_at is not None and hop.done_at >= hop.event_time)
        assert hop.step != "published" or hop.request_id == "request-1"
    with database.session(2) as session:
        assert trace.read(session, "1") == []


def test_gauges_show_waiting_retries_and_dead_letters(kit: ServiceDatabase, database: Database, dead: Moody) -> None:
    metrics = Metrics("shop")
    register_table_metrics(metrics, database)
    register_table_metrics(metrics, database)
    text = metrics.render().decode()
    assert f'dead_letters{{queue="{QUEUE}"}} 2.0' in text
    assert "outbox_unpublished 0.0" in text
    assert "outbox_oldest_seconds 0.0" in text


def test_each_queue_has_its_gauges_before_anything_waits_or_is_dead(kit: ServiceDatabase, database: Database) -> None:
    metrics = Metrics("shop")
    register_table_metrics(metrics, database, [QUEUE, "shop.other"])
    text = metrics.render().decode()
    for queue in (QUEUE, "shop.other"):
        assert f'dead_letters{{queue="{queue}"}} 0.0' in text
        assert f'parked_waiting{{queue="{queue}"}} 0.0' in text


def test_old_rows_are_pruned_and_younger_ones_are_not(
    kit: ServiceDatabase, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MAX_ROWS_PER_DELETE", 3)
    announce(database, *(event(subject=str(number)) for number in range(8)))
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("insert into companies (id) values (1)")
        cursor.execute(
            """
            update outbox set created_at = now() - interval '8 days', published_at = now() - interval '8 days'
            where subject <> '0' and subject <> '1'
            """
        )
        # Never published: it stays, however old.
        cursor.execute("update outbox set created_at = now() - interval '8 days' where subject = '1'")
        cursor.execute(
            """
            insert into inbox (queue, event_id, company_id, subject, type, event_time, received_at, done_at)
            select 'q', gen_random_uuid(), 1, 's', 't', now(), now(), now() - days * interval '1 day'
            from unnest(array[1, 13, 15, 16, 17, 18]) days
            """
        )
        cursor.execute(
            """
            insert into idempotency_keys (company_id, key, subject, route, request_hash, created_at)
            values (1, 'old', '', '', '', now() - interval '25 hours'), (1, 'new', '', '', '', now())
            """
        )
    assert retention.delete_expired_rows(database, ["thing.made"]) == 6 + 4 + 1
    assert rows(kit, "select subject from outbox order by 1") == [("0",), ("1",)]
    assert rows(kit, "select count(*) from inbox") == [(2,)]
    assert rows(kit, "select key from idempotency_keys") == [("new",)]
    database.info["idempotency_hours"] = 1
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute("update idempotency_keys set created_at = now() - interval '2 hours'")
    assert retention.delete_expired_rows(database, ["thing.made"]) == 1, "by the setting"
