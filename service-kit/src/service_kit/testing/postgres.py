"""A service's schema in a temporary database, as tests use it; `init_db.testing.databases` makes it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

from service_kit.database.engine import Database, libpq_url, parse_url
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
    _idle: list[PsycopgConnection] = field(default_factory=list, init=False, repr=False, compare=False)

    @contextmanager
    def admin(self) -> Iterator[PsycopgConnection]:
        """Yield a superuser connection without row-level security: autocommit, schema on the search path.

        It is used again: a new one takes 8 ms of CPU, and reads the catalogue of every table that it touches.
        """
        connection = self._open()
        try:
            yield connection
        finally:
            self._keep(connection)

    def _open(self) -> PsycopgConnection:
        with suppress(IndexError):
            while connection := self._idle.pop():
                try:
                    self._enter_schema(connection)
                except psycopg2.Error:  # A test may have ended its backend.
                    connection.close()
                else:
                    return connection
        connection = psycopg2.connect(libpq_url(self.admin_url), connect_timeout=5)
        connection.autocommit = True
        self._enter_schema(connection)
        return connection

    def _enter_schema(self, connection: PsycopgConnection) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("set search_path = {}").format(sql.Identifier(self.schema)))

    def _keep(self, connection: PsycopgConnection) -> None:
        """Keep a connection without its settings and locks; close it where a transaction is open."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("discard all")
        except psycopg2.Error:
            connection.close()
        else:
            self._idle.append(connection)

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()
        self.database.dispose()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query of the superuser."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def clean(self) -> None:
        """Empty all tables of the schema and restart their sequences."""
        with self.admin() as connection, connection.cursor() as cursor:
            cursor.execute(_CLEAN, {"schema": self.schema, "kept": "alembic_version"})


def as_role(url: str, role: str, password: str = PASSWORD) -> str:
    """Return the address with another role and its password."""
    changed = parse_url(url).set(drivername="postgresql", username=role, password=password)
    return changed.render_as_string(hide_password=False)
