"""Leader election: a session advisory lock allows one relay per service, however many processes run."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event as Flag
from threading import RLock

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

RENEW_SECONDS = 3.0
"""The server ends the session, and releases the lock, after 10 s without a statement."""
RENEW_EVERY_SECONDS = 1.0


class LostLock(Exception):
    """This process no longer holds the lock; another process relays or will."""


class LeaderLock:
    """The relay's lock and its connection. The relay uses no other connection, so it can't work without the lock.

    The relay's thread uses the connection. While that thread talks to the broker, another one may call `renew`.
    """

    def __init__(self, connect: Callable[[], PsycopgConnection], service: str) -> None:
        self._connect = connect
        self._name = f"relay:{service}"
        self._connection: PsycopgConnection | None = None
        self._used_at = 0.0
        self._mutex = RLock()

    @property
    def held(self) -> bool:
        """Return whether this process held the lock at its last use."""
        return self._connection is not None

    def try_acquire(self) -> bool:
        """Try to get the lock; return whether it worked. Raises psycopg2.OperationalError: the database is down."""
        connection = self._connect()
        acquired = False
        try:
            with connection.cursor() as cursor:
                # Losing a mark in a crash is harmless: the relay publishes again and the inbox deduplicates. So marks
                # needn't be flushed, which would delay the consumers' commits.
                cursor.execute("set synchronous_commit = off")
                cursor.execute(
                    "select pg_try_advisory_lock(hashtextextended(%s || current_schema(), 0))", (self._name,)
                )
                [(acquired,)] = cursor.fetchall()
        finally:
            if not acquired:
                connection.close()
        if acquired:
            with self._mutex:
                self._connection, self._used_at = connection, time.monotonic()
        return bool(acquired)

    @contextmanager
    def connection(self) -> Iterator[PsycopgConnection]:
        """Open the connection for one statement or transaction. Raises LostLock."""
        with self._mutex:
            if (connection := self._connection) is None:
                raise LostLock
            try:
                yield connection
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
                if connection.closed or isinstance(error, psycopg2.InterfaceError):
                    self.release()
                    raise LostLock from error
                raise
            self._used_at = time.monotonic()

    @contextmanager
    def unit_of_work(self, *, transactional: bool) -> Iterator[None]:
        """Make one transaction of all statements in the block where `transactional`: it commits at the end, and rolls
        back on an exception. Raises LostLock."""
        if not transactional:
            yield
            return
        # psycopg2 makes one transaction of such a block, in spite of autocommit.
        with self.connection() as connection, connection:
            yield

    def confirm(self) -> PsycopgConnection:
        """Check that this process still holds the lock, if its last use was a while ago; return the connection.

        The relay calls this before a step that can't be undone: a process that was suspended learns here that another
        one relays by now. A transactional bus publishes on the returned connection. Raises LostLock.
        """
        with self.connection() as connection:
            if time.monotonic() - self._used_at > RENEW_SECONDS / 2:
                with connection.cursor() as cursor:
                    cursor.execute("select 1")
            return connection

    def renew_until(self, stopping: Flag) -> None:
        """Use the connection whenever its last use was a while ago, in a thread of its own until `stopping` is set.

        Never raises; a lost lock shows at the next use.
        """
        while not stopping.wait(RENEW_EVERY_SECONDS):
            if time.monotonic() - self._used_at >= RENEW_SECONDS / 2:
                with suppress(LostLock, psycopg2.Error):
                    self.confirm()

    def release(self) -> None:
        """Release the lock if this process holds it."""
        with self._mutex:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
