"""Prepared statements for hot paths: planned once per connection, several in one round trip.

They bypass SQLAlchemy's execution, which costs more than most of these statements cost PostgreSQL. Sessions,
transactions and errors are still SQLAlchemy's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg2
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from service_kit.database.companies import connection_of
from service_kit.database.connection import NamedCursor

_NAME = re.compile(r"(?<!:):([a-z_]+)")


class Prepared:
    """A statement with `:name` parameters."""

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        """`types` maps each parameter to its SQL type; `name` is unique within the service."""
        self.name = name
        order = list(types)
        self.sql = _NAME.sub(lambda match: f"%({match[1]})s", sql.replace("%", "%%"))
        """The statement for psycopg2, unprepared."""
        text = _NAME.sub(lambda match: f"${order.index(match[1]) + 1}", sql)
        self.prepare = (
            f"prepare {name} ({', '.join(types.values())}) as {text}" if types else f"prepare {name} as {text}"
        )
        values = ", ".join(f"%({parameter})s" for parameter in order)
        self.call = f"execute {name} ({values})" if types else f"execute {name}"
        """The EXECUTE statement for psycopg2."""


def prepare(cursor: Any, statements: Sequence[Prepared]) -> None:
    """Prepare the statements that this connection has not prepared yet, in one round trip each."""
    prepared = cursor.connection.prepared
    for statement in statements:
        if statement.name not in prepared:
            # Sent separately: after an error in a longer string the client could not see which PREPARE was run.
            cursor.execute(statement.prepare)
            prepared.add(statement.name)


def run(session: Session, statements: Sequence[Prepared], values: Mapping[str, Any]) -> list[Any]:
    """Run statements in one round trip and return the rows of the last as named tuples.

    Raises SQLAlchemy's errors: IntegrityError, OperationalError ….
    """
    with _cursor(session, statements) as cursor:
        cursor.execute(_joined(statements), values)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
        return rows


def enqueue(session: Session, statements: Sequence[Prepared], values: Mapping[str, Any]) -> None:
    """Queue statements for the round trip of the transaction's next statement, or of its commit.

    Their rows are dropped. Their errors are raised by that statement or commit.
    """
    with _cursor(session, statements) as cursor:
        cursor.connection.enqueue(cursor.mogrify(_joined(statements), values))


def _joined(statements: Sequence[Prepared]) -> str:
    return ";".join(statement.call for statement in statements)


@contextmanager
def _cursor(session: Session, statements: Sequence[Prepared]) -> Iterator[Any]:
    """Yield a cursor of the session's transaction with the statements prepared; raise SQLAlchemy's errors."""
    connection = connection_of(session)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor(cursor_factory=NamedCursor) as cursor:
            prepare(cursor, statements)
            yield cursor
    except psycopg2.Error as error:
        disconnected = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if disconnected:
            connection.invalidate(error)
        raise DBAPIError.instance(
            _joined(statements), None, error, psycopg2.Error, hide_parameters=True, connection_invalidated=disconnected
        ) from error
