"""Publishes in the relay's transaction."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

from eventbus.bus.port import BusDown, Outcome, Outgoing

REQUESTS_EVERY_SECONDS = 1.0

ExchangeRequests = Callable[[dict[str, datetime]], dict[str, datetime]]
"""Removes answered refill requests and returns the open ones: queue and time of the request."""


class PostgresPublisher:
    """Implements `bus.port.Publisher` without a connection of its own."""

    def __init__(self, exchange_requests: ExchangeRequests) -> None:
        self._exchange_requests = exchange_requests
        self._unanswered: dict[str, datetime] = {}
        self._query_at = 0.0

    def publish(self, connection: PsycopgConnection, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Store the messages in their queues; they are visible after the relay's commit. Raises BusDown."""
        if not messages:
            return []
        contents = [outgoing.message for outgoing in messages]
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select bus.publish(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[])",
                    (
                        [message.id for message in contents],
                        [message.type for message in contents],
                        [orjson.dumps(dict(message.attributes)).decode() for message in contents],
                        [psycopg2.Binary(message.body) for message in contents],
                        [outgoing.queue for outgoing in messages],
                    ),
                )
                row = cursor.fetchone()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise BusDown(f"PostgreSQL is gone: {error}") from error
        assert row is not None
        return [Outcome.CONFIRMED if reached else Outcome.UNROUTABLE for reached in row[0]]

    def refill_requests(self) -> set[str]:
        """Return the queues that need a refill; the next call removes their requests as answered."""
        if time.monotonic() < self._query_at:
            return set()
        self._query_at = time.monotonic() + REQUESTS_EVERY_SECONDS
        try:
            self._unanswered = self._exchange_requests(self._unanswered)
        except BusDown:
            return set()
        return set(self._unanswered)

    def close(self) -> None:
        """Do nothing."""
