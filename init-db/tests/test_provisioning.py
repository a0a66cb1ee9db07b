from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from init_db.provision import admin_connection, close_database, create_database, on_database, provision
from init_db.testing.databases import temporary_database
from psycopg2 import errors, sql
from service_kit.testing.postgres import PASSWORD, as_role

pytestmark = pytest.mark.postgres

STATE = """
    select json_agg(row_to_json(r) order by rolname) from (
        select rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls
        from pg_roles where starts_with(rolname, %(prefix)s)
    ) r
    union all select json_agg(array[nspname::text, nspowner::regrole::text, nspacl::text] order by nspname)
        from pg_namespace where nspname not like 'pg_%%' and nspname <> 'information_schema'
    union all select json_agg(array[defaclrole::regrole::text, defaclobjtype::text, defaclacl::text] order by 1::text)
        from pg_default_acl
    union all select json_agg(datacl::text) from pg_database where datname = current_database()
"""


def state(url, prefix):
    with admin_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute(STATE, {"prefix": prefix})
        return cursor.fetchall()


@pytest.fixture
def empty(admin_url):
    """An empty database of this test's own, as (superuser's address, role prefix)."""
    with temporary_database(admin_url) as made:
        yield made


def refused(url, statement):
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        try:
            cursor.execute(statement)
        except errors.InsufficientPrivilege:
            return True
    return False


def test_the_second_run_changes_nothing(empty):
    url, prefix = empty
    provision(url, "desk", prefix=prefix, app_password=PASSWORD)
    before = state(url, prefix)
    provision(url, "desk", prefix=prefix, app_password=PASSWORD)
    assert state(url, prefix) == before


def test_eight_runs_at_once_all_succeed(empty):
    url, prefix = empty
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: provision(url, "desk", prefix=prefix, app_password=PASSWORD), range(8)))
    assert len(set(made)) == 1


def test_runs_in_two_databases_that_share_their_roles_all_succeed(admin_url, empty):
    url, prefix = empty
    with temporary_database(admin_url) as (other, _):
        with ThreadPoolExecutor(6) as pool:
            runs = pool.map(lambda at: provision(at, "desk", prefix=prefix, app_password=PASSWORD), [url, other] * 3)
            assert len(set(runs)) == 1
        with admin_connection(other) as connection, connection.cursor() as cursor:
            roles = provision(url, "desk", prefix=prefix, app_password=PASSWORD)
            for role in (roles.owner, roles.app, roles.relay):
                cursor.execute(sql.SQL("drop owned by {} cascade").format(sql.Identifier(role)))


def test_the_roles_may_do_nothing_beyond_their_own_schema(empty):
    url, prefix = empty
    desk = provision(url, "desk", prefix=prefix, app_password=PASSWORD)
    provision(url, "shop", prefix=prefix, app_password=PASSWORD)
    with admin_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("create table shop.prices (id int)")
        cursor.execute(
            "select rolname from pg_roles where starts_with(rolname, %s) and "
            "(rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit)",
            (prefix,),
        )
        assert cursor.fetchall() == []
    for role in (desk.app, desk.relay):
        login = as_role(url, role)
        assert refused(login, "select * from shop.prices")
        assert refused(login, "create table desk.mine (id int)")
        assert refused(login, "create table public.mine (id int)")
        assert refused(login, "create temporary table mine (id int)")
        assert refused(login, "create schema mine")
        assert refused(login, f'set role "{desk.owner}"')


def test_the_owner_and_other_roles_can_not_log_in(empty):
    url, prefix = empty
    roles = provision(url, "desk", prefix=prefix, app_password=PASSWORD)
    with admin_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("select rolcanlogin from pg_roles where rolname = %s", (roles.owner,))
        assert cursor.fetchone() == (False,)
        cursor.execute("select has_database_privilege('public', current_database(), 'connect')")
        assert cursor.fetchone() == (False,)
        cursor.execute("select has_database_privilege(%s, current_database(), 'connect')", (roles.app,))
        assert cursor.fetchone() == (True,)


def test_a_new_password_replaces_the_old_one_and_is_stored_hashed(empty):
    url, prefix = empty
    roles = provision(url, "desk", prefix=prefix, app_password="first")
    with admin_connection(url) as connection, connection.cursor() as cursor:

        def stored():
            cursor.execute("select rolpassword from pg_authid where rolname = %s", (roles.app,))
            return cursor.fetchone()[0]

        first = stored()
        assert first.startswith("SCRAM-SHA-256$4096:")
        provision(url, "desk", prefix=prefix, app_password="second")
        assert stored() != first
        provision(url, "desk", prefix=prefix, app_password="")
        assert stored() is None


def test_names_with_quotes_and_capitals_are_taken_as_they_are(empty):
    url, prefix = empty
    roles = provision(url, 'De"sk', prefix=prefix + "'X", app_password='it\'s "50 %"')
    with admin_connection(url) as connection, connection.cursor() as cursor:
        cursor.execute("select nspowner::regrole = quote_ident(%s)::regrole from pg_namespace where nspname = %s",
                       (roles.owner, 'De"sk'))  # fmt: skip
        assert cursor.fetchone() == (True,)


def test_a_database_is_created_once(admin_url):
    with temporary_database(admin_url) as (url, name):
        assert create_database(url, name) is False
        wanted = f"{name}_second"
        try:
            with ThreadPoolExecutor(4) as pool:
                assert sorted(pool.map(lambda _: create_database(admin_url, wanted), range(4))) == [False] * 3 + [True]
        finally:
            with admin_connection(admin_url) as connection, connection.cursor() as cursor:
                cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(wanted)))


def test_the_administrator_finds_every_schema_unqualified(empty):
    url, prefix = empty
    provision(url, "desk", prefix=prefix, app_password=PASSWORD)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: close_database(url, ["desk", "shop"]), range(4)))
    with admin_connection(on_database(url, prefix)) as connection, connection.cursor() as cursor:
        cursor.execute("create table desk.pens (id int)")
        cursor.execute("select current_setting('search_path'), 'pens'::regclass is not null")
        assert cursor.fetchone() == ("desk, shop, public", True)
