import json
from time import perf_counter

import pytest
from service_kit.database import engine
from service_kit.database.companies import companies_of, mark_outbox_written
from service_kit.database.engine import Database
from service_kit.database.statements import Prepared, run
from service_kit.database.tables import tombstones
from service_kit.http.blueprint import dumps
from sqlalchemy import insert, text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, TimeoutError

pytestmark = pytest.mark.postgres

NOTE = "insert into notes (company_id, note) values (1, %(note)s) returning id, note"
ADD = Prepared("add_note", "insert into notes (company_id, note) values (1, :note)", {"note": "text"})
ADD_FOREIGN = Prepared("add_foreign_note", "insert into notes (company_id, note) values (2, 'foreign')", {})
DIVIDE = Prepared("divide", "select 10 / :by as result", {"by": "int"})


def count(database):
    with database.session(1) as session:
        return session.execute(text("select count(*) from notes")).scalar_one()


def test_percent_signs_and_colons_survive_the_statement_in_front(database):
    rows = database.execute_and_commit(1, NOTE, {"note": "50 % of :these %(things)s"})
    assert [row.note for row in rows] == ["50 % of :these %(things)s"]
    with database.session(1) as session:
        found = session.execute(
            text("select note from notes where note like '50 %' and note like :part"), {"part": "%:these%"}
        )
        assert found.scalars().all() == ["50 % of :these %(things)s"]


@pytest.mark.parametrize("number", [1e30, -1e300, 12345678901234567890123, 2**63, -(2**63) - 1, 0.1, 7])
@pytest.mark.parametrize("kind", ["json", "jsonb"])
def test_json_that_was_stored_can_be_sent_again_whatever_its_numbers(database, kind, number):
    value = {"a": [number, {"b": number}], "c": '\u20ac \\ "'}
    statement = f"select cast(%(value)s as {kind}) as value"
    (row,) = database.execute_and_commit(1, statement, {"value": json.dumps(value)})
    with database.session(1) as session:
        found = session.execute(text(statement.replace("%(value)s", ":value")), {"value": json.dumps(value)})
        assert found.scalar_one() == row.value
    assert row.value["c"] == value["c"]
    assert [float(row.value["a"][0]), float(row.value["a"][1]["b"])] == [float(number)] * 2
    assert json.loads(dumps(row.value)) == row.value


def test_many_rows_at_once_may_be_a_transactions_first_statement(database):
    with database.session(1) as session, session.begin():
        session.execute(insert(tombstones), [{"company_id": 1, "subject": str(n)} for n in range(2_500)])
    with database.session(1) as session, session.begin():
        session.execute(
            text("update tombstones set ended_at = now() where subject = :subject"),
            [{"subject": "1"}, {"subject": "2"}],
        )
        assert session.execute(text("select count(*) from tombstones")).scalar_one() == 2_500


def test_a_rollback_undoes_prepared_statements(database):
    with database.session(1) as session:
        run(session, [ADD], {"note": "x"})
        session.rollback()
        session.execute(text("select 1"))
        session.commit()
    assert count(database) == 0


def test_the_error_of_a_prepared_statement_undoes_everything(database):
    with database.session(1) as session:
        session.execute(text("insert into notes (company_id, note) values (1, 'x')"))
        with pytest.raises(ProgrammingError, match="row-level security"):
            run(session, [ADD, ADD_FOREIGN], {"note": "y"})
    with database.session(1) as session, pytest.raises(ProgrammingError, match="row-level security"):
        run(session, [ADD_FOREIGN], {})
    assert count(database) == 0


def test_a_failed_statement_stays_prepared(database):
    for _ in range(2):
        with database.session(1) as session, pytest.raises(DataError):
            run(session, [DIVIDE], {"by": 0})
    with database.session(1) as session:
        assert run(session, [DIVIDE], {"by": 2})[0].result == 5


def test_a_savepoint_may_come_first_and_its_rollback_keeps_the_companies(database):
    with database.session(1) as session, session.begin():
        with pytest.raises(DataError), session.begin_nested():
            session.execute(text("select 1 / 0"))
        session.execute(text("insert into notes (company_id, note) values (1, 'after')"))
    assert count(database) == 1


def test_a_session_sets_its_companies_in_every_transaction(database):
    session = database.session(1)
    assert companies_of(session) == (1,)
    for expected in (1, 2, 3):
        session.execute(text("insert into notes (company_id, note) values (1, 'x')"))
        session.commit()
        assert session.execute(text("select count(*) from notes")).scalar_one() == expected
        session.rollback()
    session.close()


def test_a_failed_statement_commits_nothing_and_its_connection_is_good_again(database):
    with pytest.raises(DataError):
        database.execute_and_commit(1, "with n as (insert into notes (company_id) values (1)) select 1 / 0", {})
    assert count(database) == 0
    assert database.execute_and_commit(1, "select 1 as one", {})[0].one == 1


def test_several_statements_in_one_string_commit_together_or_not_at_all(database):
    both = "insert into notes (company_id, note) values (1, 'a'); insert into notes (company_id, note) values (2, 'b')"
    with pytest.raises(ProgrammingError):
        database.execute_and_commit(1, both, {})
    assert count(database) == 0


def test_errors_are_sqlalchemys_and_contain_no_parameters(database):
    secret = {"note": "my salary is wrong"}
    with database.session(1) as session, pytest.raises(DataError, match="division by zero") as in_a_session:
        session.execute(text("insert into notes (company_id, note) values (1 / 0, :note)"), secret)
    with pytest.raises(DataError, match="division by zero") as in_one_statement:
        database.execute_and_commit(1, "insert into notes (company_id, note) values (1 / 0, %(note)s)", secret)
    assert "salary" not in f"{in_a_session.value} {in_one_statement.value}"


def test_a_taken_key_is_an_integrity_error_either_way(database):
    database.execute_and_commit(1, "insert into companies (id) values (7)", {})
    with pytest.raises(IntegrityError):
        database.execute_and_commit(1, "insert into companies (id) values (7)", {})
    with database.session() as session, pytest.raises(IntegrityError):
        session.execute(text("insert into companies (id) values (7)"))


def test_companies_are_listed_for_sweeps(database):
    with database.session() as session, session.begin():
        session.execute(text("insert into companies (id) values (9), (3)"))
    assert database.companies() == [3, 9]


def test_a_full_pool_is_an_error_after_seconds_not_a_hang(kit, monkeypatch):
    monkeypatch.setattr(engine, "POOL_WAIT_SECONDS", 2.0)
    database = Database(kit.url, schema="kit", pool_size=1)
    with database.session(1) as session:
        session.connection()
        started = perf_counter()
        with pytest.raises(TimeoutError):
            database.companies()
        assert perf_counter() - started < 20
    database.companies()
    database.dispose()


def test_a_statement_that_takes_too_long_is_stopped(kit):
    database = Database(kit.url, schema="kit", statement_timeout_ms=100)
    with pytest.raises(Exception, match="statement timeout"):
        database.execute_and_commit(1, "select pg_sleep(5)", {})
    database.companies()
    database.dispose()


class TestWaking:
    @pytest.fixture
    def woken(self, database):
        calls = []
        database.wake = lambda: calls.append("woken")
        return calls

    def test_a_commit_that_announced_wakes_the_relay_once(self, database, woken):
        with database.session(1) as session:
            with session.begin():
                session.execute(text("select 1"))
                mark_outbox_written(session)
                assert woken == []
            assert woken == ["woken"]
            with session.begin():
                session.execute(text("select 1"))
        assert woken == ["woken"]

    def test_a_savepoint_wakes_nobody_before_the_commit(self, database, woken):
        with database.session(1) as session, session.begin():
            with session.begin_nested():
                mark_outbox_written(session)
            assert woken == []
        assert woken == ["woken"]

    def test_a_rollback_wakes_nobody_and_leaves_nothing_to_the_next_transaction(self, database, woken):
        with database.session(1) as session:
            session.execute(text("select 1"))
            mark_outbox_written(session)
            session.rollback()
            session.execute(text("select 1"))
            session.commit()
        assert woken == []

    def test_one_statement_wakes_the_relay_only_if_it_announces(self, database, woken):
        database.execute_and_commit(1, "select 1", {})
        assert woken == []
        database.execute_and_commit(1, "select 1", {}, writes_outbox=True)
        assert woken == ["woken"]

    def test_a_failed_statement_wakes_nobody(self, database, woken):
        with pytest.raises(DataError):
            database.execute_and_commit(1, "select 1 / 0", {}, writes_outbox=True)
        assert woken == []
