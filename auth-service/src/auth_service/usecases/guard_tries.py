"""Count a try before its check, and take it back when the check succeeds."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service_kit.database.engine import Database
from service_kit.http.idempotency import Replayed

from auth_service.adapters.passwords import HashingBusy
from auth_service.domain.guard import PENDING, Decision, Key, decide, lowered
from auth_service.store import guards

POLL_SECONDS = 0.05
NOTHING_CHECKED: tuple[type[Exception], ...] = (HashingBusy, Replayed)
"""How a check can end without having compared anything."""


class TooManyTries(Exception):
    """Too many tries failed (429); `retry_after_seconds` says when the next may be made."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__("Too many tries failed. Wait before you try again.")
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class Guard:
    """Counts tries in transactions of their own, which end before the slow check begins."""

    database: Database

    @contextmanager
    def counted(self, keys: Collection[Key], *, unless: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Count the try that the block checks. It is taken back unless the block raises another error than `unless`.

        Raises TooManyTries, without running the block, where one of the counters is closed.
        """
        decision = self.count(keys)
        if not decision.admitted:
            raise TooManyTries(decision.retry_after_seconds)
        nothing_checked = NOTHING_CHECKED + unless
        try:
            yield
        except nothing_checked:
            self.take_back(keys)
            raise
        self.take_back(keys)

    def count(self, keys: Collection[Key]) -> Decision:
        """Count a try on all counters; where one is closed, count it on none and return a decision not to check it.

        Many right logins at once would close a counter as well. So a try waits for up to two seconds while those before
        it are still being checked: each that succeeds admits another.
        """
        until = time.monotonic() + PENDING.total_seconds()
        decision = self._count(keys)
        while decision.may_open and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            decision = self._count(keys)
        return decision

    def _count(self, keys: Collection[Key]) -> Decision:
        with self.database.session() as session, session.begin():
            counters, now = guards.lock(session, keys)
            decision = decide(counters, now)
            guards.store(session, decision.counters)
        return decision

    def take_back(self, keys: Collection[Key]) -> None:
        """Take a counted try back: it succeeded, or nothing was checked."""
        with self.database.session() as session, session.begin():
            counters, _ = guards.lock(session, keys)
            guards.store(session, {key: lowered(counter) for key, counter in counters.items()})

    def forget(self, keys: Collection[Key]) -> None:
        """Forget all tries: the person proved in another way to be the right one."""
        with self.database.session() as session, session.begin():
            guards.remove(session, keys)
