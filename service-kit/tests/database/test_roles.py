import pytest
from psycopg2 import sql
from service_kit.database.engine import Database
from service_kit.database.roles import UnsafeRole
from service_kit.testing.postgres import PASSWORD, as_role

pytestmark = pytest.mark.postgres


def check(url, **more):
    database = Database(url, schema="kit", **more)
    try:
        database.check_role()
    finally:
        database.dispose()


@pytest.fixture
def odd_role(kit):
    """A role that logs in; yields its name and a way to run statements about it; afterwards it is gone."""
    name = f"{kit.prefix}_odd"

    with kit.admin() as connection, connection.cursor() as cursor:

        def run(statement):
            names = {"odd": name, "owner": kit.roles.owner, "database": kit.prefix}
            cursor.execute(sql.SQL(statement).format(**{key: sql.Identifier(each) for key, each in names.items()}))

        run(f"create role {{odd}} login password '{PASSWORD}'")
        run("grant connect on database {database} to {odd}, {owner}")
        run("grant usage on schema kit to {odd}")
        yield as_role(kit.url, name), run
        run("drop owned by {odd}")
        run("drop role {odd}")


def test_the_roles_that_provisioning_makes_are_accepted(kit):
    check(kit.url, relay_url=kit.relay_url)


def test_a_superuser_is_refused(kit):
    with pytest.raises(UnsafeRole, match="superuser"):
        check(kit.admin_url)


def test_an_unsafe_relay_role_is_refused_as_well(kit):
    with pytest.raises(UnsafeRole, match="superuser"):
        check(kit.url, relay_url=kit.admin_url)


def test_a_role_that_bypasses_row_level_security_is_refused(odd_role):
    url, run = odd_role
    run("alter role {odd} bypassrls")
    with pytest.raises(UnsafeRole, match="bypass"):
        check(url)


def test_the_owner_is_refused(kit, odd_role):
    _, run = odd_role
    run(f"alter role {{owner}} login password '{PASSWORD}'")
    try:
        with pytest.raises(UnsafeRole, match="owns"):
            check(as_role(kit.url, kit.roles.owner))
    finally:
        run("alter role {owner} nologin")


def test_a_member_of_the_owner_is_refused_though_it_owns_nothing_itself(odd_role):
    url, run = odd_role
    run("grant {owner} to {odd}")
    with pytest.raises(UnsafeRole, match="owns"):
        check(url)


def test_the_owner_of_a_single_table_is_refused(odd_role):
    url, run = odd_role
    run("create table own (id int); alter table own owner to {odd}")
    with pytest.raises(UnsafeRole, match="owns"):
        check(url)


def test_a_harmless_other_role_is_accepted(odd_role):
    check(odd_role[0])
