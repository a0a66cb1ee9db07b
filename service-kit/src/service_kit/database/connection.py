"""The psycopg2 connection of the pools: it knows which statements are prepared on it, and since when it has plans."""

import time
from typing import Any

from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812

MAX_PLAN_SECONDS = 5.0
"""The age at which the plans of prepared statements are discarded, in seconds.

In a table of a few rows the planner may choose a wrong index. It would keep that plan until the server analyzes the
table."""


class Connection(PsycopgConnection):
    """A connection with prepared statements."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.prepared: set[str] = set()
        """The names of the statements that are prepared on this connection."""
        self._discard_plans_at = time.monotonic() + MAX_PLAN_SECONDS

    def plans_are_old(self) -> bool:
        """Return whether the plans must be discarded now; the next ones count from now on."""
        if not self.prepared or time.monotonic() < self._discard_plans_at:
            return False
        self._discard_plans_at = time.monotonic() + MAX_PLAN_SECONDS
        return True
