"""Temporary databases for tests, provisioned like real ones: roles, schema, migrations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

from service_kit.database import migrations
from service_kit.database.engine import Database, parse_url
from service_kit.database.provision import (
    admin_connection,
    close_database,
    create_database,
    libpq_url,
    on_database,
    provision,
)
from service_kit.database.roles import Roles

PASSWORD = "only-for-tests"  # noqa: S105

_CLEAN = Path(__file__).with_name("clean.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class ServiceDatabase:
    """One service's schema in a temporary database, with the addresses of its roles."""

    database: Database
    """The service's access."""
    schema: str
    prefix: str
    """The prefix of the role names (`DB_ROLE_PREFIX`)."""
    roles: Roles
    url: str
    """The app role's address (`DATABASE_URL`)."""
    relay_url: str
    """The relay role's address (`RELAY_DATABASE_URL`)."""
    admin_url: str
    """The superuser's address of this database."""
    _idle: list[PsycopgConnection] = field(default_factory=list, compare=False, repr=False)

    @contextmanager
    def admin(self) -> Iterator[PsycopgConnection]:
        """Yield a superuser connection without row-level security: autocommit, schema on the search path.

        Its session is reset and used again: a new one costs the server many times as much as a query.
        """
        connection = self._connection()
        reusable = False
        try:
            yield connection
            reusable = _execute(connection, sql.SQL("discard all"))
        finally:
            if reusable:
                self._idle.append(connection)
            else:
                connection.close()

    def _connection(self) -> PsycopgConnection:
        search_path = sql.SQL("set search_path = {}").format(sql.Identifier(self.schema))
        for connection in iter(self._take_idle, None):
            if _execute(connection, search_path):
                return connection
            connection.close()
        connection = psycopg2.connect(libpq_url(self.admin_url), connect_timeout=60)
        assert _execute(connection, search_path)
        return connection

    def _take_idle(self) -> PsycopgConnection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def close(self) -> None:
        """Close the connections that wait for use."""
        for connection in iter(self._take_idle, None):
            connection.close()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query of the superuser."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def clean(self) -> None:
        """Empty all tables of the schema and restart their sequences."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute(_CLEAN, {"schema": self.schema, "kept": migrations.VERSION_TABLE})


def _execute(connection: PsycopgConnection, statement: sql.Composable) -> bool:
    """Run a statement in autocommit; return False where the connection is broken: a test may have cut it."""
    try:
        connection.rollback()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.Error:
        return False
    return True


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
        database.dispose()


def as_role(url: str, role: str, password: str = PASSWORD) -> str:
    """Return the address with another role and its password."""
    changed = parse_url(url).set(drivername="postgresql", username=role, password=password)
    return changed.render_as_string(hide_password=False)
