"""One relay per service, whatever the replicas: a session advisory lock on a connection of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

KEEP_SECONDS = 3.0
"""The server ends the session, and with it the lock, after 10 s without a statement."""


class LostLock(Exception):
    """This process relays no more; somebody else does or will."""


class LeaderLock:
    """Holds the relay's lock. All the relay's statements go through the same connection: without the lock none works.

    The connection is used by the relay's thread and, while that one talks to the broker, by whoever calls `keep`.
    """

    def __init__(self, connect: Callable[[], PsycopgConnection], service: str) -> None:
        self._connect = connect
        self._name = f"relay:{service}"
        self._connection: PsycopgConnection | None = None
        self._used = 0.0
        self._mutex = RLock()

    @property
    def held(self) -> bool:
        """Tell whether the lock was ours when last looked."""
        return self._connection is not None

    def try_take(self) -> bool:
        """Try to become the relay. Raises psycopg2.OperationalError where the database is away."""
        connection = self._connect()
        try:
            with connection.cursor() as cursor:
                # What the relay commits may be forgotten in a crash: it publishes again then, and inboxes know that.
                # So nobody waits for its flushes, least of all the consumers' commits behind them.
                cursor.execute("set synchronous_commit = off")
                cursor.execute(
                    "select pg_try_advisory_lock(hashtextextended(%s || current_schema(), 0))", (self._name,)
                )
                row = cursor.fetchone()
        except BaseException:
            connection.close()
            raise
        if not row or not row[0]:
            connection.close()
            return False
        with self._mutex:
            self._connection, self._used = connection, time.monotonic()
        return True

    @contextmanager
    def connection(self) -> Iterator[PsycopgConnection]:
        """Lend the connection for one statement or transaction. Raises LostLock."""
        with self._mutex:
            if self._connection is None:
                raise LostLock
            try:
                yield self._connection
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if self._connection.closed or isinstance(error, psycopg2.InterfaceError):
                    self._drop()
                    raise LostLock from error
                raise
            self._used = time.monotonic()

    def confirm(self) -> PsycopgConnection:
        """Make sure of the lock before something that can't be undone, where its last use is a while ago.

        A process that was stopped and goes on notices here that others relay by now. Returns the connection, for a bus
        that publishes through it. Raises LostLock.
        """
        with self.connection() as connection:
            if time.monotonic() - self._used > KEEP_SECONDS / 2:
                with connection.cursor() as cursor:
                    cursor.execute("select 1")
            return connection

    def keep(self) -> None:
        """Use the connection if nobody did for a while. Never raises; a lost lock shows at the next use."""
        if self._connection is None or time.monotonic() - self._used < KEEP_SECONDS / 2:
            return
        try:
            self.confirm()
        except (LostLock, psycopg2.Error):
            return

    def give_up(self) -> None:
        """Give the lock back, if it is ours."""
        with self._mutex:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()
