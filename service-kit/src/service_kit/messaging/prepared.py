"""Statements whose planning costs more than their work: prepared once per connection, by the server."""

import re
from collections.abc import Mapping

from sqlalchemy.orm import Session

_NAME = re.compile(r"(?<!:):([a-z_]+)")


class Prepared:
    """One statement, written with `:name` parameters."""

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        """`types` gives the SQL type of every parameter."""
        self._name = name
        order = list(types)
        self._prepare = (
            f"prepare {name} ({', '.join(types.values())}) as "
            f"{_NAME.sub(lambda match: f'${order.index(match[1]) + 1}', sql)}"
        )
        self.call = f"execute {name} ({', '.join(f'%({parameter})s' for parameter in order)})"
        """Runs it, psycopg2's way; may be joined with others by semicolons."""

    def ready(self, session: Session) -> None:
        """Prepare it where this session's connection doesn't know it yet: one round trip in a connection's life."""
        connection = session.connection()
        if self._name not in connection.info:
            connection.exec_driver_sql(self._prepare)
            connection.info[self._name] = True
