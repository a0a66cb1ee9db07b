"""Publishes in the relay's own transaction."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

import orjson
import psycopg2
from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

from service_kit.messaging.bus.port import BusDown, Outcome, Outgoing

REQUESTS_EVERY_SECONDS = 1.0

TakeRequests = Callable[[dict[str, datetime]], dict[str, datetime]]


class PostgresPublisher:
    """Implements `bus.port.Publisher`; has no connection of its own."""

    def __init__(self, take_requests: TakeRequests) -> None:
        self._take_requests = take_requests
        self._handed_out: dict[str, datetime] = {}
        self._ask_at = 0.0

    def publish(self, connection: PsycopgConnection, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Store the messages in their queues; it counts when the relay commits. Raises BusDown."""
        if not messages:
            return []
        inner = [outgoing.message for outgoing in messages]
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select bus.publish(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[])",
                    (
                        [message.id for message in inner],
                        [message.type for message in inner],
                        [orjson.dumps(dict(message.attributes)).decode() for message in inner],
                        [psycopg2.Binary(message.body) for message in inner],
                        [outgoing.queue for outgoing in messages],
                    ),
                )
                row = cursor.fetchone()
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            raise BusDown(f"PostgreSQL is gone: {error}") from error
        assert row is not None
        return [Outcome.CONFIRMED if reached else Outcome.UNROUTABLE for reached in row[0]]

    def refill_requests(self) -> set[str]:
        """Return the queues that asked for a refill; they count as answered when this is called the next time."""
        if time.monotonic() < self._ask_at:
            return set()
        self._ask_at = time.monotonic() + REQUESTS_EVERY_SECONDS
        try:
            self._handed_out = self._take_requests(self._handed_out)
        except BusDown:
            return set()
        return set(self._handed_out)

    def close(self) -> None:
        """Nothing to close."""
