"""A connection that PostgreSQL notifies of each transaction that stored changes."""

import psycopg2
from service_kit.database.engine import Database

from notification_service.store.live_events import CHANNEL


class NotNotified(Exception):
    """The database does not notify: there is no connection, or it is lost. The cause says why."""


class Listener:
    """An open connection that listens. `receive` may be called where its descriptor can be read."""

    def __init__(self, database: Database) -> None:
        """Connect and listen; raise NotNotified."""
        try:
            self._connection = database.relay_connection()
            with self._connection.cursor() as cursor:
                # It only receives: TCP's keepalives end it where the server is gone.
                cursor.execute(f"set idle_session_timeout = 0; listen {CHANNEL}")
        except psycopg2.Error as error:
            raise NotNotified from error
        self.descriptor = self._connection.fileno()

    def receive(self) -> bool:
        """Return whether a notification has come, without waiting; raise NotNotified where the connection is lost."""
        try:
            self._connection.poll()
        except psycopg2.Error as error:
            raise NotNotified from error
        has_come = bool(self._connection.notifies)
        self._connection.notifies.clear()
        return has_come

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
