"""Count a try before its check, and take it back when the check succeeds."""

from collections.abc import Collection
from dataclasses import dataclass

from service_kit.database.engine import Database

from auth_service.domain.guard import Decision, Key, decide, lowered
from auth_service.store import guards


class TooManyTries(Exception):
    """A whole network tries too many logins (429); `retry_after_seconds` says when it may try again."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many failed logins from this network.")
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class Guard:
    """Counts tries in transactions of their own, which end before the slow check begins."""

    database: Database

    def count(self, keys: Collection[Key]) -> Decision:
        """Count a try on all counters; where one is closed, count it on none and return a decision not to check it."""
        with self.database.session() as session, session.begin():
            counters, now = guards.lock(session, keys)
            decision = decide(counters, now)
            guards.store(session, decision.counters)
        return decision

    def succeeded(self, keys: Collection[Key]) -> None:
        """Take a counted try back: it succeeded."""
        with self.database.session() as session, session.begin():
            counters, _ = guards.lock(session, keys)
            guards.store(session, {key: lowered(counter) for key, counter in counters.items()})
