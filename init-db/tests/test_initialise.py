import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import monotonic, sleep

import psycopg2
import pytest
from init_db.initialise import DatabaseUnreachable, initialise, wait_for_postgres
from init_db.provision import admin_connection, on_database, role_names
from init_db.services import MigratedService
from init_db.testing.databases import temporary_database
from psycopg2 import errors, sql
from service_kit.database.engine import Database
from service_kit.testing.postgres import as_role
from service_kit.testing.row_level_security import unprotected_tables

pytestmark = pytest.mark.postgres

SERVICES = (
    MigratedService("desk-service", "desk", "service_kit.testing.migrations"),
    MigratedService("shop-service", "shop", "service_kit.testing.migrations"),
)
PASSWORDS = {"desk": "d3sk-own", "shop": "sh0p-own"}


@pytest.fixture
def place(admin_url):
    """A superuser's URL, the name of a missing database and a role prefix; all are deleted afterwards."""
    with temporary_database(admin_url) as (url, prefix):
        missing = f"{prefix}_new"
        yield url, missing, prefix
        with admin_connection(admin_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(missing)))


def run(place, **more):
    url, database, prefix = place
    initialise(url, database=database, prefix=prefix, passwords=PASSWORDS, services=SERVICES, **more)
    return on_database(url, database)


def test_an_empty_server_is_ready_afterwards(place):
    lines = []
    url = run(place, report=lines.append)
    assert lines[0].endswith("created")
    assert len(lines) == 3
    for service in SERVICES:
        roles = role_names(place[2], service.schema)
        password = PASSWORDS[service.schema]
        relay_url = as_role(url, roles.relay, password)
        database = Database(as_role(url, roles.app, password), schema=service.schema, relay_url=relay_url)
        database.check_role()
        note = "insert into notes (company_id, note) values (1, 'x') returning id"
        assert len(database.execute_and_commit(1, note, {})) == 1
        database.dispose()


def test_every_schema_has_row_level_security(place):
    url = run(place)
    with admin_connection(url) as connection, connection.cursor() as cursor:
        assert [unprotected_tables(cursor, service.schema) for service in SERVICES] == [[], []]


def test_no_service_reaches_anothers_schema(place):
    url = run(place)
    roles = role_names(place[2], "desk")
    for role in (roles.app, roles.relay):
        with closing(psycopg2.connect(as_role(url, role, PASSWORDS["desk"]))) as connection:
            cursor = connection.cursor()
            with pytest.raises(errors.InsufficientPrivilege):
                cursor.execute("select * from shop.outbox")


def test_the_postgres_bus_lets_services_in_through_its_functions_only(place):
    run(place, bus="postgres")
    url = run(place, bus="postgres")
    app = as_role(url, role_names(place[2], "desk").app, PASSWORDS["desk"])
    with closing(psycopg2.connect(app)) as connection, connection.cursor() as cursor:
        cursor.execute("select bus.depth('desk-service.nothing')")
        connection.rollback()
        cursor.execute("select tablename from pg_tables where schemaname = 'bus'")
        tables = [name for (name,) in cursor.fetchall()]
        assert tables
        for table in tables:
            cursor.execute("select has_table_privilege(%s, 'select, insert, update, delete')", (f"bus.{table}",))
            assert cursor.fetchone() == (False,), table


def test_run_again_it_keeps_the_data(place):
    run(place)
    url = run(place)
    with admin_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("insert into desk.companies (id) values (1)")
    run(place)
    with admin_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("select id from desk.companies")
        assert cursor.fetchall() == [(1,)]


def test_four_runs_at_once_all_succeed(place):
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: run(place), range(4)))) == 1


def test_the_superuser_finds_all_schemas(place):
    with admin_connection(run(place)) as connection, connection.cursor() as cursor:
        cursor.execute("show search_path")
        assert cursor.fetchone() == ("desk, shop, public",)


def test_the_url_may_name_a_database_that_does_not_exist_yet(place):
    url, database, prefix = place
    run((on_database(url, database), database, prefix))


def test_it_leaves_no_connection_behind(place):
    url = run(place)
    with admin_connection(url) as connection, connection.cursor() as cursor:
        deadline = monotonic() + 180  # the server notices a closed connection a moment later
        while True:
            cursor.execute(
                "select count(*) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
            )
            left = cursor.fetchone()[0]
            if not left or monotonic() > deadline:
                break
            sleep(0.02)
    assert left == 0


def test_waiting_reports_its_reason_and_ends_in_time():
    lines = []
    with pytest.raises(DatabaseUnreachable, match=r"127\.0\.0\.1:1 did not answer within 2 s.*DB_HOST"):
        wait_for_postgres("postgresql://postgres:secret@127.0.0.1:1/x", 2, lines.append)
    assert lines
    assert lines[0].startswith("waiting for PostgreSQL at 127.0.0.1:1")
    assert "secret" not in "".join(lines)


def test_a_refused_administrator_is_an_error_at_once(place):
    url = as_role(place[0], "nobody_of_that_name", "wrong")
    with pytest.raises(DatabaseUnreachable, match=r"refuses the administrator.*POSTGRES_PASSWORD"):
        wait_for_postgres(url, 60)


def command(**settings):
    environment = {"PATH": os.environ["PATH"], **settings}
    return subprocess.run(
        [sys.executable, "-m", "init_db.main"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_command_sets_up_every_installed_service(place):
    url, database, prefix = place
    settings = {"ADMIN_DATABASE_URL": url, "DB_NAME": database, "DB_ROLE_PREFIX": prefix}
    done = command(SMARTTICKET_ENV="development", **settings)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "ticket-service: schema ticket at revision" in done.stderr
    with admin_connection(on_database(url, database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select nspname from pg_namespace where nspname in ('ticket', 'ai', 'routing', 'analytics', 'auth', 'rag')"
        )
        schemas = [schema for (schema,) in cursor.fetchall()]
        assert "ticket" in schemas
        assert {schema: unprotected_tables(cursor, schema) for schema in schemas} == {schema: [] for schema in schemas}


def test_the_command_refuses_wrong_settings_with_two_and_an_absent_server_with_one():
    wrong = command(DB_PORT="many")
    assert (wrong.returncode, "DB_PORT must be a whole number" in wrong.stderr) == (2, True)
    assert "TICKET_DB_PASSWORD" in wrong.stderr
    absent = command(SMARTTICKET_ENV="development", DB_PORT="1", DB_WAIT_SECONDS="0")
    assert (absent.returncode, "did not answer" in absent.stderr) == (1, True)
    assert "Traceback" not in wrong.stderr + absent.stderr
