from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from textwrap import dedent

import psycopg2
import pytest
from init_db import migrations
from init_db.provision import admin_connection, provision
from init_db.testing.databases import temporary_database
from psycopg2 import errors
from service_kit.testing.postgres import PASSWORD, as_role
from sqlalchemy.exc import ProgrammingError

pytestmark = pytest.mark.postgres


@pytest.fixture
def desk(admin_url, tmp_path):
    """A provisioned schema `desk` and an empty folder for its migrations: (write, upgrade, look)."""
    with temporary_database(admin_url) as (url, prefix):
        roles = provision(url, "desk", prefix=prefix, app_password=PASSWORD)

        class Desk:
            admin_url = url
            owner, app = roles.owner, roles.app

            def write(self, number, body):
                before = f"{number - 1:04}" if number > 1 else None
                head = f'from alembic import op\nfrom service_kit.database import ddl\nrevision = "{number:04}"\n'
                text = head + f"down_revision = {before!r}\ndef upgrade():\n" + dedent(body).replace("\n", "\n    ")
                (tmp_path / f"{number:04}_step.py").write_text(text.replace("upgrade():\n", "upgrade():\n    "))

            def upgrade(self):
                return migrations.upgrade(url, "desk", roles, tmp_path)

            def look(self, query):
                with admin_connection(url) as connection, connection.cursor() as cursor:
                    cursor.execute(query)
                    return cursor.fetchall()

        yield Desk()


def test_a_schema_is_migrated_once(desk):
    desk.write(1, "op.execute('create table pens (id int)')")
    assert desk.upgrade() == "0001"
    assert desk.upgrade() == "0001"
    desk.write(2, "op.execute('insert into pens values (1)')")
    assert [desk.upgrade(), desk.upgrade()] == ["0002", "0002"]
    assert desk.look("select count(*) from desk.pens") == [(1,)]


def test_what_a_migration_makes_belongs_to_the_owner_and_lies_in_its_schema(desk):
    desk.write(1, "op.execute('create table pens (id int)')")
    desk.upgrade()
    owned = desk.look("select tablename, tableowner from pg_tables where schemaname = 'desk' order by 1")
    assert owned == [("alembic_version", desk.owner), ("pens", desk.owner)]


def test_four_runs_at_once_migrate_once(desk):
    desk.write(1, "op.execute('create table pens (id int)')")
    desk.write(2, "op.execute('insert into pens select 1 from pg_sleep(0.2)')")
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: desk.upgrade(), range(4))) == {"0002"}
    assert desk.look("select count(*) from desk.pens") == [(1,)]


def test_a_failing_migration_leaves_nothing_of_its_run(desk):
    desk.write(1, "op.execute('create table pens (id int)')")
    desk.upgrade()
    desk.write(2, "op.execute('create table paper (id int)')")
    desk.write(3, "op.execute('create table pens (id int)')")
    with pytest.raises(ProgrammingError, match="already exists"):
        desk.upgrade()
    assert desk.look("select to_regclass('desk.paper')::text, version_num from desk.alembic_version") == [
        (None, "0001")
    ]


def test_the_app_may_read_its_version_but_not_change_it(desk):
    desk.write(1, "op.execute('create table pens (id int)')")
    desk.upgrade()
    with closing(psycopg2.connect(as_role(desk.admin_url, desk.app))) as connection, connection.cursor() as cursor:
        cursor.execute("insert into desk.pens values (1); select version_num from desk.alembic_version")
        assert cursor.fetchone() == ("0001",)
        with pytest.raises(errors.InsufficientPrivilege):
            cursor.execute("delete from desk.alembic_version")


def test_row_level_security_binds_the_owner(desk):
    desk.write(
        1,
        """
        op.execute("create table pens (company_id int not null, colour text)")
        op.execute("insert into pens values (1, 'red'), (2, 'red')")
        ddl.enable_rls(op, "pens")
        op.execute("update pens set colour = 'blue'")
        """,
    )
    desk.upgrade()
    assert desk.look("select distinct colour from desk.pens") == [("red",)]


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(ModuleNotFoundError, match=r"service_kit\.no_such"):
        migrations.folder_of("service_kit.no_such")
