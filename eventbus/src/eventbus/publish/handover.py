"""Rows that a commit hands to the relay of its own process, which then publishes them without a query."""

import time
from collections import deque
from collections.abc import Iterable, Sequence

from eventbus.publish.batch_throttle import FULL_BATCH_EVENTS
from eventbus.wire import OutboxRow

MAX_QUERY_AGE_SECONDS = 0.1
"""Handed-over rows must not delay the events of other processes for longer than this."""


class Handover:
    """A buffer between the threads that commit and the relay's thread."""

    def __init__(self) -> None:
        self._rows: deque[OutboxRow] = deque()
        self._queried_at = 0.0
        self._query_ids: set[str] = set()

    def add(self, rows: Sequence[OutboxRow]) -> None:
        """Add committed rows, unless enough rows wait to make a query worthwhile. Never blocks."""
        if len(self._rows) < FULL_BATCH_EVENTS:
            self._rows.extend(rows)

    def take(self) -> list[OutboxRow]:
        """Return the rows that the last query did not return; none where that query is too long ago."""
        if time.monotonic() - self._queried_at > MAX_QUERY_AGE_SECONDS:
            return []
        rows = [self._rows.popleft() for _ in range(len(self._rows))]
        return [row for row in rows if row.id not in self._query_ids]

    def begin_query(self) -> None:
        """Empty the buffer before a query of the outbox: its rows are committed, so the query returns them."""
        self._rows.clear()
        self._queried_at = time.monotonic()

    def end_query(self, ids: Iterable[str]) -> None:
        """Record the ids of the rows that the query returned."""
        self._query_ids = set(ids)

    def clear(self) -> None:
        """Drop all rows; the next relay finds them by its query."""
        self._rows.clear()
