"""Count a try before its check, and settle it afterwards: taken back when the check succeeds, else failed."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Condition
from typing import Protocol

from service_kit.database.engine import Database
from service_kit.http.idempotency import Replayed

from auth_service.adapters.bulkhead import Bulkhead, HashingBusy
from auth_service.domain.guard import Counter, Decision, Key, Kind, decide, failed, lowered
from auth_service.store import guards

MAX_WAIT_SECONDS = 2.0
POLL_SECONDS = 0.1
"""How often a waiting try looks for places that other processes gave back; those of its own tell it at once."""
NOTHING_CHECKED: tuple[type[Exception], ...] = (HashingBusy, Replayed)
"""How a check can end without having compared anything."""


class TooManyTries(Exception):
    """Too many tries failed, or too many requests of a limited kind came (429).

    `retry_after_seconds` says when the next may be made.
    """

    def __init__(
        self, retry_after_seconds: int, message: str = "Too many tries failed. Wait before you try again."
    ) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Outcome(Protocol):
    """Returns a counter after the end of one of its tries."""

    def __call__(self, kind: Kind, counter: Counter, now: datetime) -> Counter: ...


@dataclass(frozen=True)
class Guard:
    """Counts tries in transactions of their own, which end before the slow check begins."""

    database: Database
    bulkhead: Bulkhead
    _settled: Condition = field(default_factory=Condition, init=False, repr=False)

    @contextmanager
    def counted(self, keys: Collection[Key], *, unless: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Count the try that the block checks; see `settled`.

        Raises TooManyTries, without running the block, where one of the counters is closed, and HashingBusy.
        """
        decision = self.count(keys)
        if not decision.admitted:
            raise TooManyTries(decision.retry_after_seconds)
        with self.settled(keys, unless=unless):
            yield

    @contextmanager
    def settled(self, keys: Collection[Key], *, unless: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Settle a counted try: it has failed if the block raises an error not in `unless`, else it is taken back."""
        try:
            yield
        except (*NOTHING_CHECKED, *unless):
            self.take_back(keys)
            raise
        except BaseException:
            self.fail(keys)
            raise
        self.take_back(keys)

    def count(self, keys: Collection[Key]) -> Decision:
        """Count a try on all counters; where one is closed, count it on none and return a decision not to check it.

        Where tries that are being checked have the last places, the try waits for one of them to end; raises
        HashingBusy after two seconds, or where too many threads wait already.
        """
        decision = self._count(keys)
        if not decision.is_busy:
            return decision
        with self.bulkhead.slot():
            until = time.monotonic() + MAX_WAIT_SECONDS
            while decision.is_busy:
                if time.monotonic() >= until:
                    raise HashingBusy
                with self._settled:
                    self._settled.wait(POLL_SECONDS)
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
        self._settle(keys, lambda _kind, counter, _now: lowered(counter))

    def fail(self, keys: Collection[Key]) -> None:
        """Note that a counted try has failed."""
        self._settle(keys, failed)

    def _settle(self, keys: Collection[Key], outcome: Outcome) -> None:
        with self.database.session() as session, session.begin():
            counters, now = guards.lock(session, keys)
            guards.store(session, {key: outcome(key.kind, counter, now) for key, counter in counters.items()})
        with self._settled:
            self._settled.notify_all()

    def forget(self, keys: Collection[Key]) -> None:
        """Forget all tries: the person proved in another way to be the right one."""
        with self.database.session() as session, session.begin():
            guards.remove(session, keys)
