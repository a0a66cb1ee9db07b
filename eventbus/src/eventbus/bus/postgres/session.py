"""A connection of the bus to PostgreSQL; it reconnects after a loss."""

import select
from collections.abc import Sequence
from typing import Any

import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from service_kit.backoff import reconnect_backoff
from service_kit.database.engine import libpq_url

from eventbus.bus.port import BusDown

CONNECT_SECONDS = 3
STATEMENT_TIMEOUT_MS = 10_000


class BusSession:
    """One autocommit connection. A call opens it where it is not open.

    `durable` says whether a commit must be on disk before the server answers.
    """

    def __init__(self, url: str, name: str, *, durable: bool = True) -> None:
        self._url = url
        self._name = name
        commit = "on" if durable else "off"
        self._options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c jit=off -c synchronous_commit={commit}"
        self._connection: PsycopgConnection | None = None
        self._backoff = reconnect_backoff()

    @property
    def is_open(self) -> bool:
        """Return whether a connection is open, as far as this process can tell."""
        return self._connection is not None and not self._connection.closed

    def open(self, max_wait: float = 1.0) -> bool:
        """Connect unless connected; return whether the connection is new. Raises BusDown."""
        if self.is_open:
            return False
        if not self._backoff.wait_until_due(max_wait):
            raise BusDown("waiting before the next attempt to reach PostgreSQL")
        try:
            with self._backoff.attempt():
                self._connection = psycopg2.connect(
                    libpq_url(self._url),
                    connect_timeout=CONNECT_SECONDS,
                    application_name=self._name,
                    tcp_user_timeout=15_000,
                    keepalives_idle=30,
                    keepalives_interval=5,
                    keepalives_count=3,
                    options=self._options,
                )
        except psycopg2.Error as error:
            raise BusDown(f"can't connect to PostgreSQL: {_first_line(error)}") from None
        self._connection.autocommit = True
        return True

    def call(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows. Raises BusDown where the server is gone, psycopg2.Error otherwise."""
        self.open()
        assert self._connection is not None
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else []
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            self.close()
            raise BusDown(f"PostgreSQL is gone: {_first_line(error)}") from None

    def wait_for_notification(self, seconds: float) -> bool:
        """Wait for a notification on a channel; return false on time-out. Raises BusDown."""
        connection = self._connection
        if connection is None or connection.closed:
            raise BusDown("PostgreSQL is gone")
        try:
            # The answer to the last statement may already have carried the notification.
            if not connection.notifies:
                # `select` takes no descriptors above 1023, which a process that runs every service may have.
                poller = select.poll()
                poller.register(connection.fileno(), select.POLLIN)
                poller.poll(max(seconds, 0.0) * 1000)
                connection.poll()
        except (psycopg2.Error, OSError) as error:
            self.close()
            raise BusDown(f"PostgreSQL is gone: {_first_line(error)}") from None
        notified = bool(connection.notifies)
        connection.notifies.clear()
        return notified

    def close(self) -> None:
        """Close the connection. Never raises."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or repr(error)).splitlines()[0]
