"""An effect and the end of its subject at the same time: the end wins, whichever commits first."""

import threading
from typing import Any

from eventbus.bus.memory import MemoryBus
from eventbus.consume import inbox
from service_kit.database.engine import Database
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from sqlalchemy.orm import Session

from .conftest import Build
from .shop import QUEUE, Moody, eventually, message, note, notes, rows, send, subscription

REMOVE = text("delete from notes where note like 'thing.made 1 %'")


def _made_or_removed(between: threading.Event, go_on: threading.Event) -> Any:
    def apply(session: Session, deliveries: Any) -> None:
        kinds = {delivery.envelope.type for delivery in deliveries}
        if "thing.ended" in kinds:
            session.execute(REMOVE)
            return
        between.set()
        assert go_on.wait(60)
        note(session, deliveries)

    return apply


def test_an_end_waits_for_effects_in_flight_and_then_removes_them(
    kit: ServiceDatabase, bus: MemoryBus, build: Build
) -> None:
    between, go_on = threading.Event(), threading.Event()
    apply = _made_or_removed(between, go_on)
    first, second = (build(subscription(apply))._consumer_loops[0] for _ in range(2))
    consumers = [bus.consumer(bus._queues[QUEUE], 200) for _ in range(2)]
    send(bus, message("thing.made", revision=1))
    slow = threading.Thread(target=lambda: first.step(consumers[0], 0))
    slow.start()
    assert between.wait(60)
    send(bus, message("thing.ended", revision=2))
    end = threading.Thread(target=lambda: second.step(consumers[1], 0))
    end.start()
    eventually(
        lambda: rows(
            kit,
            "select count(*) > 0 from pg_locks where locktype = 'advisory' and not granted"
            " and database = (select oid from pg_database where datname = current_database())",
        )[0][0]
    )
    go_on.set()
    slow.join(60)
    end.join(60)
    assert notes(kit) == []
    assert rows(kit, "select count(*) from tombstones") == [(1,)]


def test_a_use_case_that_ends_a_subject_stops_what_comes_later(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    with database.session(1) as session, session.begin():
        inbox.end_subject(session, 1, "1")
    send(bus, message(subject="1"), message(subject="2"))
    build().start()
    eventually(lambda: notes(kit) == ["thing.made 2 1"])


def test_the_same_subject_of_another_company_lives_on(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    with database.session(1) as session, session.begin():
        inbox.end_subject(session, 1, "1")
    send(bus, message(subject="1", company=2))
    build().start()
    eventually(lambda: notes(kit) == ["thing.made 1 1"])


def test_what_failed_about_a_subject_goes_with_it_but_for_the_end_itself(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    """A dead letter holds the subject's text; another queue's copy of the end must still be heard."""
    moody = Moody({1, 2})
    worker = build(subscription(moody))
    worker.start()
    send(bus, message(subject="1", number=1), message("thing.ended", "3", number=2), message(subject="2", number=1))
    eventually(lambda: rows(kit, "select count(*) from parked") == [(3,)])
    send(bus, message("thing.ended", "1", number=3), message("thing.ended", "3", number=3))
    eventually(lambda: rows(kit, "select count(*) from tombstones") == [(2,)])
    assert rows(kit, "select subject, type from parked order by subject") == [("2", "thing.made"), ("3", "thing.ended")]


def test_an_end_costs_the_same_however_many_subjects_the_company_has(
    kit: ServiceDatabase, database: Database, bus: MemoryBus, build: Build
) -> None:
    rows(
        kit,
        # A new table: where an earlier test's rows were deleted, the planner takes the index to be large and empty.
        "truncate revisions;"
        "insert into revisions (company_id, queue, source, subject, type, revision) "
        "select 1, 'shop.watch', 'shop', 'subject ' || n, 'thing.made', 1 from generate_series(1, 5000) n returning 1",
    )
    with database.session(1) as session, session.begin():
        inbox.end_subjects(session, [(1, "subject 77", "thing.ended")])
        read = session.execute(
            text("select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'revisions'")
        ).scalar_one()
    assert rows(kit, "select count(*) from revisions") == [(4999,)]
    assert read < 50
