import threading
from contextlib import closing
from time import monotonic, sleep

import psycopg2
import pytest
from service_kit.database.engine import Database
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

pytestmark = pytest.mark.postgres


def terminate(kit, where="true"):
    with kit.admin() as connection, connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            f"where datname = current_database() and pid <> pg_backend_pid() and {where}"
        )
        return cursor.rowcount


def fill_the_pool(database):
    sessions = [database.session(1), database.session(1)]
    for session in sessions:
        session.execute(text("select 1"))
    for session in sessions:
        session.close()


@pytest.mark.parametrize("way", ["session", "statement", "relay", "companies"])
def test_closed_idle_connections_cause_no_error(kit, database, way):
    fill_the_pool(database)
    with database.relay_session() as session:
        session.execute(text("select 1"))
    assert terminate(kit) >= 3
    for _ in range(2):
        if way == "session":
            with database.session(1) as session, session.begin():
                session.execute(text("insert into notes (company_id, note) values (1, 'x')"))
        elif way == "statement":
            database.execute_and_commit(1, "insert into notes (company_id, note) values (1, 'x')", {})
        elif way == "relay":
            with database.relay_session() as session:
                session.execute(text("select * from outbox"))
        else:
            database.companies()


def test_a_statement_killed_halfway_is_an_error_not_a_second_try_and_the_next_one_works(kit):
    database, killed = Database(kit.url, schema="kit", statement_timeout_ms=60_000), []

    def kill_when_it_runs():
        deadline = monotonic() + 180
        while monotonic() < deadline and not killed:
            killed.extend(range(terminate(kit, "query like '%pg_sleep%'")))
            sleep(0.01)

    killer = threading.Thread(target=kill_when_it_runs)
    killer.start()
    slow = "with n as (insert into notes (company_id, note) values (1, 'x')) select from pg_sleep(50)"
    with pytest.raises(OperationalError):
        database.execute_and_commit(1, slow, {})
    killer.join()
    assert killed
    assert database.execute_and_commit(1, "select count(*) from notes", {})[0].count == 0
    database.dispose()


def test_a_transaction_killed_halfway_is_an_error_and_the_next_one_works(kit, database):
    with database.session(1) as session:
        session.execute(text("insert into notes (company_id, note) values (1, 'x')"))
        terminate(kit)
        with pytest.raises(OperationalError):
            session.execute(text("select 1"))
    with database.session(1) as session:
        assert session.execute(text("select count(*) from notes")).scalar_one() == 0


def test_a_database_that_is_down_is_an_operational_error_in_every_method():
    database = Database("postgresql://nobody@127.0.0.1:1/none", schema="kit")
    for ask in (database.companies, lambda: database.execute_and_commit(1, "select 1", {})):
        with pytest.raises(OperationalError):
            ask()
    with database.session(1) as session, pytest.raises(OperationalError):
        session.execute(text("select 1"))


def test_the_relay_has_a_connection_that_the_server_ends_when_it_is_idle(database):
    with closing(database.relay_connection()) as connection, connection.cursor() as cursor:
        cursor.execute("select current_user, current_setting('idle_session_timeout'), current_schema()")
        role, timeout, schema = cursor.fetchone()
        assert (role.endswith("_kit_relay"), timeout, schema) == (True, "10s", "kit")
        cursor.execute("set idle_session_timeout = '200ms'; select pg_advisory_lock(1)")
        with closing(database.relay_connection()) as other, other.cursor() as waiting:
            waiting.execute(
                "set statement_timeout = '60s'; select pg_advisory_lock(1)"
            )  # granted when the first one ends
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("select 1")


def test_making_a_database_opens_nothing_and_disposing_closes_everything(kit):
    def connections():
        with kit.admin() as connection, connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity"
                " where application_name = 'counted' and datname = current_database()"
            )
            return cursor.fetchone()[0]

    database = Database(kit.url, schema="kit", relay_url=kit.relay_url, application_name="counted")
    assert connections() == 0
    database.companies()
    assert connections() == 1
    database.dispose()
    deadline = monotonic() + 180
    while connections() and monotonic() < deadline:
        sleep(0.02)
    assert connections() == 0
