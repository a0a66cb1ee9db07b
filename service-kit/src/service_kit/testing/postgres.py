"""A database of a test's own, made like a real one: roles, schema, migrations, and gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

from service_kit.database import migrations
from service_kit.database.engine import Database, parse_url
from service_kit.database.provision import admin_connection, close_database, create_database, on_database, provision
from service_kit.database.roles import Roles

PASSWORD = "only-for-tests"  # noqa: S105

_CLEAN = Path(__file__).with_name("clean.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class ServiceDatabase:
    """One service's schema in a temporary database, and the ways into it."""

    database: Database
    """As the service sees it."""
    schema: str
    prefix: str
    """Begins the names of its roles (`DB_ROLE_PREFIX`)."""
    roles: Roles
    url: str
    """The app role's address (`DATABASE_URL`)."""
    relay_url: str
    """The relay role's address (`RELAY_DATABASE_URL`)."""
    admin_url: str
    """The superuser's address of this database."""

    @contextmanager
    def admin(self) -> Iterator[PsycopgConnection]:
        """Connect as the superuser, whom no wall stops, in autocommit and with the schema on the search path."""
        with admin_connection(self.admin_url) as connection:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("set search_path = {}").format(sql.Identifier(self.schema)))
            yield connection

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query that no wall stops."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def clean(self) -> None:
        """Empty all tables of the schema and let their numbers begin anew, for the next test."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute(_CLEAN, {"schema": self.schema, "kept": migrations.VERSION_TABLE})


@contextmanager
def temporary_database(admin_url: str) -> Iterator[tuple[str, str]]:
    """Create a database with a random name; yield its superuser address and a role prefix; then remove all of it."""
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
    """Let commits in a test's database wait for no disk: the end of another run keeps that busy for many seconds."""
    with admin_connection(admin_url) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("alter database {} set synchronous_commit = off").format(sql.Identifier(name)))


@contextmanager
def service_database(admin_url: str, schema: str, migrations_package: str) -> Iterator[ServiceDatabase]:
    """Provision and migrate one service in a temporary database of its own."""
    with temporary_database(admin_url) as (url, prefix):
        yield from _provisioned(url, prefix, schema, migrations_package)


def _provisioned(url: str, prefix: str, schema: str, migrations_package: str) -> Iterator[ServiceDatabase]:
    roles = provision(url, schema, prefix=prefix, app_password=PASSWORD)
    migrations.upgrade(url, schema, roles, migrations.folder_of(migrations_package))
    app_url, relay_url = as_role(url, roles.app), as_role(url, roles.relay)
    database = Database(app_url, schema=schema, relay_url=relay_url)
    try:
        yield ServiceDatabase(database, schema, prefix, roles, app_url, relay_url, url)
    finally:
        database.dispose()


def as_role(url: str, role: str, password: str = PASSWORD) -> str:
    """Return the same address for another role."""
    changed = parse_url(url).set(drivername="postgresql", username=role, password=password)
    return changed.render_as_string(hide_password=False)
