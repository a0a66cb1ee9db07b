"""Round trips, counted by a proxy in front of PostgreSQL."""

from statistics import median
from time import perf_counter

import pytest
from service_kit.database import connection
from service_kit.database.engine import Database
from service_kit.database.statements import Prepared, run
from service_kit.database.tables import tombstones
from service_kit.testing.wire import recorded
from sqlalchemy import insert, text

pytestmark = pytest.mark.postgres

NOTE = "insert into notes (company_id, note) values (1, %(note)s) returning id"
ADD = Prepared("add_note", "insert into notes (company_id, note) values (1, :note)", {"note": "text"})
NOTES = Prepared("read_notes", "select note from notes order by id", {})


@pytest.fixture
def wired(kit):
    """A database whose connections are up already, and the messages that go to it from now on."""
    with recorded(kit.url) as (url, wire):
        database = Database(url, schema="kit", pool_size=1)
        database.companies()
        database.execute_and_commit(1, "select 1", {})
        wire.take()
        yield database, wire
        database.dispose()


def test_a_use_case_of_one_statement_is_one_round_trip(wired):
    database, wire = wired
    for _ in range(3):
        database.execute_and_commit(1, NOTE, {"note": "x"})
        assert wire.take() == [
            ("Q", "select set_config('app.companies', '1', true); " + NOTE.replace("%(note)s", "'x'")),
        ]


def test_a_transaction_costs_its_statements_and_a_commit(wired):
    database, wire = wired
    for _ in range(2):
        with database.session(2, 1) as session, session.begin():
            session.execute(text("select 1"))
            session.execute(text("select 2"))
        assert [query for _, query in wire.take()] == [
            "BEGIN",
            "select set_config('app.companies', '1,2', true)",
            "select 1",
            "select 2",
            "COMMIT",
        ]


def test_several_prepared_statements_are_one_round_trip(wired):
    database, wire = wired
    with database.session(1) as session, session.begin():
        run(session, [ADD, NOTES], {"note": "50 % of"})
        wire.take()  # the statements were prepared here
        assert run(session, [ADD, NOTES], {"note": "50 % of"})[-1].note == "50 % of"
    assert [query for _, query in wire.take()] == ["execute add_note ('50 % of');execute read_notes", "COMMIT"]
    with database.session(1) as session:
        assert [row.note for row in run(session, [NOTES], {})] == ["50 % of", "50 % of"]


def test_plans_are_made_again_after_a_while(wired, monkeypatch):
    database, wire = wired
    database.execute_and_commit(1, NOTES, {})
    with database._engine.connect() as any_connection:
        any_connection.connection.driver_connection._discard_plans_at = 0.0
    monkeypatch.setattr(connection, "MAX_PLAN_SECONDS", 0.0)
    wire.take()
    database.execute_and_commit(1, NOTES, {})
    set_companies = "select set_config('app.companies', '1', true)"
    assert [query for _, query in wire.take()] == ["discard plans", f"{set_companies}; execute read_notes"]
    monkeypatch.setattr(connection, "MAX_PLAN_SECONDS", 3600.0)
    with database.session(1) as session:
        run(session, [NOTES], {})
        run(session, [NOTES], {})
    assert [query for _, query in wire.take()] == [
        "BEGIN",
        set_companies,
        "discard plans",
        "execute read_notes",
        "execute read_notes",
        "ROLLBACK",
    ]


def test_many_rows_are_one_statement(wired):
    database, wire = wired
    with database.session(1) as session, session.begin():
        session.execute(insert(tombstones), [{"company_id": 1, "subject": str(n)} for n in range(3)])
    *_, statement, commit = (query for _, query in wire.take())
    assert commit == "COMMIT"
    assert statement.startswith("INSERT INTO tombstones")


def test_an_untouched_session_sends_nothing(wired):
    database, wire = wired
    with database.session(1):
        pass
    with database.session(1) as session, session.begin():
        pass
    assert wire.take() == []


def test_one_statement_is_quicker_than_a_transaction_of_the_same(database):
    def one_statement():
        database.execute_and_commit(1, NOTE, {"note": "x"})

    def transaction():
        with database.session(1) as session, session.begin():
            session.connection().exec_driver_sql(NOTE, {"note": "x"})

    seconds = {one_statement: [], transaction: []}
    for _ in range(150):
        for way, times in seconds.items():
            started = perf_counter()
            way()
            times.append(perf_counter() - started)
    assert median(seconds[one_statement]) < median(seconds[transaction])
