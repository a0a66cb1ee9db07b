"""Removes the condition on `company_id` from the SQL of one query function, to prove row-level security by itself.

The text is changed where psycopg2 receives it, so that every way to the database is covered.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from psycopg2.extensions import cursor as PsycopgCursor
from service_kit.database.connection import Connection

CONDITION = re.compile(
    r"(?<!set )\b(?:\w+\.)?company_id\s*=\s*"
    r"(?:any\s*\((?:[^()]|\([^()]*\)s)*\)|%\(\w+\)s(?:::\w+)?|\$\d+|\w+\.company_id\b|[a-z_]+\b)",
    re.IGNORECASE,
)
EVERY_FUNCTION = "*"
_SOURCES = re.compile(r"/src/(?P<module>(?!service_kit/(?:database|testing)/|projection_kit/)\w+/.*)\.py$")


def without_conditions(sql: str) -> str:
    """Return a statement without its conditions on the company."""
    return CONDITION.sub("true", sql)


class Conditions:
    """Which function loses its conditions, and which functions have sent one."""

    def __init__(self) -> None:
        self.removed_in = ""
        """A function's name, EVERY_FUNCTION, or nothing."""
        self.seen: set[str] = set()
        self.changes = 0
        """Counts the changes of `removed_in`: what a connection prepared before the last one is out of date."""

    @contextmanager
    def removed(self, function: str) -> Iterator[None]:
        """Remove the conditions of a function until the end of the block."""
        self.removed_in = function
        self.changes += 1
        try:
            yield
        finally:
            self.removed_in = ""
            self.changes += 1

    def sent(self, sql: str) -> str:
        """Note the function that sends a statement and return the statement as it is to be sent."""
        if not CONDITION.search(sql):
            return sql
        function = _calling_function()
        self.seen.add(function)
        return without_conditions(sql) if self.removed_in in (function, EVERY_FUNCTION) else sql


@contextmanager
def watched_conditions() -> Iterator[Conditions]:
    """Yield the conditions of all statements that are sent until the end of the block."""
    conditions = Conditions()
    plain = Connection.cursor

    def cursor(connection: Connection, *arguments: Any, **named: Any) -> Any:
        if connection.prepared and connection.__dict__.get("changes") != conditions.changes:
            with plain(connection) as deallocating:
                deallocating.execute("deallocate all")
            connection.prepared.clear()
        connection.__dict__["changes"] = conditions.changes
        chosen = named.pop("cursor_factory", None) or PsycopgCursor
        return plain(connection, *arguments, cursor_factory=_rewriting(chosen, conditions), **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Connection, "cursor", cursor)
        yield conditions


def _rewriting(chosen: Any, conditions: Conditions) -> Any:
    class Rewriting(chosen):  # type: ignore[misc]
        def execute(self, query: Any, parameters: Any = None) -> Any:
            sent = conditions.sent(query) if isinstance(query, str) else query
            return super().execute(sent, parameters)

    return Rewriting


def _calling_function() -> str:
    """Return the nearest function of a distribution's own code, without the code that opens the database."""
    frame = sys._getframe(2)
    while frame is not None:
        match = _SOURCES.search(Path(frame.f_code.co_filename).as_posix())
        if match:
            return f"{match['module'].replace('/', '.')}.{frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]
    return "unknown"
