"""Counted on the wire: what the client library says about itself proves nothing here."""

from statistics import median
from time import perf_counter

import pytest
from service_kit.database.engine import Database
from service_kit.database.tables import tombstones
from service_kit.testing.wire import recorded
from sqlalchemy import insert, text

pytestmark = pytest.mark.postgres

NOTE = "insert into notes (company_id, note) values (1, %(note)s) returning id"


@pytest.fixture
def wired(kit):
    """A database whose connections are up already, and the messages that go to it from now on."""
    with recorded(kit.url) as (url, wire):
        database = Database(url, schema="kit", pool_size=1)
        database.ping()
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


def test_the_companies_travel_with_a_transactions_first_statement(wired):
    database, wire = wired
    for _ in range(2):
        with database.session(2, 1) as session, session.begin():
            session.execute(text("select 1"))
            session.execute(text("select 2"))
        assert [query for _, query in wire.take()] == [
            "BEGIN",
            "select set_config('app.companies', '1,2', true); select 1",
            "select 2",
            "COMMIT",
        ]


def test_many_rows_travel_in_one_string_with_the_companies(wired):
    database, wire = wired
    with database.session(1) as session, session.begin():
        session.execute(insert(tombstones), [{"company_id": 1, "subject": str(n)} for n in range(3)])
    begin, statement, commit = (query for _, query in wire.take())
    assert (begin, commit) == ("BEGIN", "COMMIT")
    assert statement.startswith("select set_config('app.companies', '1', true); INSERT INTO tombstones")


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
