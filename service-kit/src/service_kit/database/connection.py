"""A psycopg2 connection with fewer round trips: it queues statements and sends them with the next one.

psycopg2 sends BEGIN and COMMIT in round trips of their own, half of all trips for a batch of one event. This connection
sends BEGIN in front of a transaction's first statement, queued statements in front of the next one, and COMMIT behind
the last queued one. PostgreSQL runs such a string in order and stops at the first error.
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

MAX_PLAN_SECONDS = 1.0
"""The age at which the plans of prepared statements are discarded, in seconds.

In a table of a few rows the planner may choose a wrong index. It would keep that plan until the server analyzes the
table."""


class Cursor(PsycopgCursor):
    """A cursor that sends the connection's queued statements in front of its own."""

    connection: "Connection"

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run a statement behind the queued ones; the rows to fetch are its own."""
        if queued := self.connection.take_queued():
            super().execute(b";".join((*queued, self.mogrify(query, vars))))
        else:
            super().execute(query, vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Run a statement once per item, behind the queued ones."""
        self.connection.flush()
        super().executemany(query, vars_list)


class NamedCursor(NamedTupleCursor, Cursor):
    """A Cursor whose rows are named tuples."""


class Connection(PsycopgConnection):
    """Begins a transaction in the round trip of its first statement."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Autocommit keeps the driver from sending a BEGIN of its own.
        self.autocommit = True
        self.cursor_factory = Cursor
        self.implicit_transactions = False
        """While true, no BEGIN is sent: the server runs each string as one transaction."""
        self.first_statement = b""
        """The statement to send once, behind the next BEGIN."""
        self.prepared: set[str] = set()
        """The names of the statements that are prepared on this connection."""
        self._discard_plans_at = time.monotonic() + MAX_PLAN_SECONDS
        self._queue: list[bytes] = []

    def enqueue(self, statement: bytes) -> None:
        """Queue a statement for the round trip of the next one or of the commit.

        Its rows are dropped. Its error is raised by the call that sends it.
        """
        self._queue.append(statement)

    def take_queued(self) -> Sequence[bytes]:
        """Return the statements to send before the next one, and empty the queue."""
        queued: list[bytes] = []
        if self.get_transaction_status() == TRANSACTION_STATUS_IDLE:
            if self.prepared and time.monotonic() >= self._discard_plans_at:
                queued.append(b"discard plans")
                self._discard_plans_at = time.monotonic() + MAX_PLAN_SECONDS
            if not self.implicit_transactions:
                queued += [b"begin", self.first_statement] if self.first_statement else [b"begin"]
                self.first_statement = b""
        if self._queue:
            queued += self._queue
            self._queue = []
        return queued

    def flush(self) -> None:
        """Send the queued statements now."""
        if queued := self.take_queued():
            self._run(b";".join(queued))

    def commit(self) -> None:
        """Send the queued statements and COMMIT as one string. Does nothing where no transaction has begun."""
        super().commit()  # raises on a closed connection
        if self._queue or self.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            try:
                self._run(b";".join((*self.take_queued(), b"commit")))
            except Error:
                # A failed COMMIT ends its transaction; a failed statement in front of it must end it as well.
                with suppress(Error):
                    self.rollback()
                raise
        self.first_statement = b""

    def rollback(self) -> None:
        """Drop the queued statements and roll the transaction back."""
        self.first_statement = b""
        self._queue = []
        super().rollback()
        if self.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            self._run(b"rollback")

    def _run(self, statement: bytes) -> None:
        with self.cursor(cursor_factory=PsycopgCursor) as cursor:
            cursor.execute(statement)
