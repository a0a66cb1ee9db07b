"""Prepared statements for hot paths: planned once per connection, several in one round trip.

They bypass SQLAlchemy's execution, which costs more than most of these statements cost PostgreSQL. Sessions,
transactions and errors are still SQLAlchemy's.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg2
from psycopg2.extras import NamedTupleCursor
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

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


def execute(connection: Connection, prepared: Sequence[Prepared], sql: str, values: Mapping[str, Any]) -> list[Any]:
    """Run `sql` in one round trip and return its rows as named tuples.

    Statements of `prepared` that this connection has not prepared yet are prepared before, in one round trip each; old
    plans are discarded. Raises SQLAlchemy's errors: IntegrityError, OperationalError ….
    """
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor(cursor_factory=NamedTupleCursor) as cursor:
            if prepared and driver.plans_are_old():
                cursor.execute("discard plans")
            for statement in prepared:
                if statement.name not in driver.prepared:
                    # Sent separately: after an error in a longer string the client could not see which PREPARE was run.
                    cursor.execute(statement.prepare)
                    driver.prepared.add(statement.name)
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []
    except psycopg2.Error as error:
        disconnected = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]
        if disconnected:
            connection.invalidate(error)
        raise DBAPIError.instance(
            sql, None, error, psycopg2.Error, hide_parameters=True, connection_invalidated=disconnected
        ) from error


def run(session: Session, statements: Sequence[Prepared], values: Mapping[str, Any]) -> list[Any]:
    """Run statements in one round trip and return the rows of the last as named tuples.

    Raises SQLAlchemy's errors: IntegrityError, OperationalError ….
    """
    return execute(session.connection(), statements, ";".join(each.call for each in statements), values)
