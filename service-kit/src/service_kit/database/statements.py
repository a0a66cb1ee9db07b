"""Statements of the busy roads: planned once per connection, joined in one round trip, past SQLAlchemy's machinery.

SQLAlchemy's own execution costs more than most of these statements do in PostgreSQL; its sessions, transactions and
errors stay.
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
    """One statement, written with `:name` parameters."""

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        """`types` gives the SQL type of every parameter."""
        self.name = name
        order = list(types)
        self.sql = _NAME.sub(lambda match: f"%({match[1]})s", sql.replace("%", "%%"))
        """The statement as psycopg2 takes it without preparation."""
        text = _NAME.sub(lambda match: f"${order.index(match[1]) + 1}", sql)
        self.prepare = (
            f"prepare {name} ({', '.join(types.values())}) as {text}" if types else f"prepare {name} as {text}"
        )
        values = ", ".join(f"%({parameter})s" for parameter in order)
        self.call = f"execute {name} ({values})" if types else f"execute {name}"
        """Runs it, psycopg2's way."""


def prepare(cursor: Any, statements: Sequence[Prepared]) -> None:
    """Have the server plan what it doesn't know yet on this connection: a round trip each, once in its life."""
    prepared = cursor.connection.prepared
    for statement in statements:
        if statement.name not in prepared:
            # Alone: in one string with others nobody would know after an error whether it got that far.
            cursor.execute(statement.prepare)
            prepared.add(statement.name)


def run(session: Session, statements: Sequence[Prepared], values: Mapping[str, Any]) -> list[Any]:
    """Run statements in one round trip and return the rows of the last as named tuples.

    Raises what SQLAlchemy would: IntegrityError, OperationalError ….
    """
    with _cursor(session, statements) as cursor:
        cursor.execute(_joined(statements), values)
        rows: list[Any] = cursor.fetchall() if cursor.description else []
        return rows


def enqueue(session: Session, statements: Sequence[Prepared], values: Mapping[str, Any]) -> None:
    """Run statements whose rows nobody needs, in the round trip of the transaction's next statement or of its commit.

    What they raise is raised there.
    """
    with _cursor(session, statements) as cursor:
        cursor.connection.later(cursor.mogrify(_joined(statements), values))


def _joined(statements: Sequence[Prepared]) -> str:
    return ";".join(statement.call for statement in statements)


@contextmanager
def _cursor(session: Session, statements: Sequence[Prepared]) -> Iterator[Any]:
    """Give a cursor of the session's transaction whose server knows the statements; errors become SQLAlchemy's."""
    connection = connection_of(session)
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor(cursor_factory=NamedCursor) as cursor:
            prepare(cursor, statements)
            yield cursor
    except psycopg2.Error as error:
        gone = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            _joined(statements), None, error, psycopg2.Error, hide_parameters=True, connection_invalidated=gone
        ) from error
