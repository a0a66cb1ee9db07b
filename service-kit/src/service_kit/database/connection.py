"""A connection that talks less: what needs no answer of its own travels with the next statement.

psycopg2 sends BEGIN and COMMIT as round trips of their own. On a batch of one event that is half of all trips, so here
BEGIN goes in front of a transaction's first statement, statements nobody waits for go in front of the next one, and
COMMIT is behind the last of those. PostgreSQL runs such a string in order and stops at the first error.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from psycopg2 import Error
from psycopg2.extensions import (
    TRANSACTION_STATUS_IDLE,
)
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from psycopg2.extensions import (
    cursor as PsycopgCursor,  # noqa: N812
)
from psycopg2.extras import NamedTupleCursor

PLANS_SECONDS = 1.0
"""How long a prepared statement's plan is believed in: in a table of a few rows any index looks as good as the right
one, and such a plan would live on until the server analyzes the table."""


class Cursor(PsycopgCursor):
    """A cursor that sends ahead of its statement what waits to be sent."""

    connection: "Connection"

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run a statement behind what waited; its own rows are the ones to fetch."""
        if waiting := self.connection.take_waiting():
            super().execute(b";".join((*waiting, self.mogrify(query, vars))))
        else:
            super().execute(query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Run a statement once per item, behind what waited."""
        self.connection.send_waiting()
        super().executemany(query, vars_list)


class NamedCursor(NamedTupleCursor, Cursor):
    """The same with named tuples as rows."""


class Connection(PsycopgConnection):
    """Begins a transaction with its first statement, as psycopg2 does, but in the same round trip."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # The driver's own BEGIN is what is replaced here.
        self.autocommit = True
        self.cursor_factory = Cursor
        self.alone = False
        """While true, statements run without BEGIN: the server makes one transaction of each string."""
        self.opening = b""
        """What to say once behind the next BEGIN."""
        self.prepared: set[str] = set()
        """The names of the statements that the server has prepared for this connection."""
        self._plan_again_at = time.monotonic() + PLANS_SECONDS
        self._later: list[bytes] = []

    def later(self, statement: bytes) -> None:
        """Send a whole statement with the next one, or with the commit; its rows are lost, its errors are not."""
        self._later.append(statement)

    def take_waiting(self) -> Sequence[bytes]:
        """Return what has to be sent before the next statement, and take it as sent."""
        waiting: list[bytes] = []
        if self.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            if self.prepared and time.monotonic() >= self._plan_again_at:
                waiting.append(b"discard plans")
                self._plan_again_at = time.monotonic() + PLANS_SECONDS
            if not self.alone:
                waiting += [b"begin", self.opening] if self.opening else [b"begin"]
                self.opening = b""
        if self._later:
            waiting += self._later
            self._later = []
        return waiting

    def send_waiting(self) -> None:
        """Send what waits now, without a statement behind it."""
        if waiting := self.take_waiting():
            self._run(b";".join(waiting))

    def commit(self) -> None:
        """Send what waits, and COMMIT, as one string; nothing where nothing was said."""
        super().commit()  # raises on a closed connection
        if self._later or self.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            try:
                self._run(b";".join((*self.take_waiting(), b"commit")))
            except Error:
                # A failed COMMIT ends its transaction, and so must a failure of what was sent with it.
                with suppress(Error):
                    self.rollback()
                raise
        self.opening = b""

    def rollback(self) -> None:
        """Forget what waits and roll back what was begun."""
        self.opening = b""
        self._later = []
        super().rollback()
        if self.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            self._run(b"rollback")

    def _run(self, statement: bytes) -> None:
        with self.cursor(cursor_factory=PsycopgCursor) as cursor:
            cursor.execute(statement)
