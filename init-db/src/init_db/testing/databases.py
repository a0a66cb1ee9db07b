"""Temporary databases for tests, provisioned like real ones: roles, schema, migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from psycopg2 import sql
from service_kit.database.engine import Database
from service_kit.testing.postgres import PASSWORD, ServiceDatabase, as_role

from init_db import migrations
from init_db.provision import admin_connection, close_database, create_database, on_database, provision


@contextmanager
def temporary_database(admin_url: str) -> Iterator[tuple[str, str]]:
    """Create a database with a random name; yield its superuser address and role prefix; drop it afterwards."""
    name = f"test_{token_hex(6)}"
    create_database(admin_url, name)
    try:
        flush_later(admin_url, name)
        close_database(on_database(admin_url, name), ())
        yield on_database(admin_url, name), name
    finally:
        with admin_connection(admin_url) as connection, connection.cursor() as cursor:
            cursor.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
            cursor.execute("select rolname from pg_roles where starts_with(rolname, %s)", (name,))
            for (role,) in cursor.fetchall():
                cursor.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def flush_later(admin_url: str, name: str) -> None:
    """Turn synchronous commits off in a test's database: other runs keep the disk busy for many seconds."""
    with admin_connection(admin_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))


@contextmanager
def service_database(admin_url: str, schema: str, migrations_package: str) -> Iterator[ServiceDatabase]:
    """Yield one service's provisioned and migrated schema in a temporary database."""
    with temporary_database(admin_url) as (url, prefix):
        yield from _provisioned(url, prefix, schema, migrations_package)


def _provisioned(url: str, prefix: str, schema: str, migrations_package: str) -> Iterator[ServiceDatabase]:
    roles = provision(url, schema, prefix=prefix, app_password=PASSWORD)
    migrations.upgrade(url, schema, roles, migrations.folder_of(migrations_package))
    app_url, relay_url = as_role(url, roles.app), as_role(url, roles.relay)
    database = Database(app_url, schema=schema, relay_url=relay_url)
    made = ServiceDatabase(database, schema, prefix, roles, app_url, relay_url, url)
    try:
        yield made
    finally:
        made.close()
