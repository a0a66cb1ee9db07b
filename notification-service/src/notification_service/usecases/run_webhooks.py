"""Deliver the messages of webhooks in threads of their own, in every worker, until it stops.

A few threads per company, so that a slow receiver delays no other company. The claims of calls that go on are renewed,
so that a message is sent again soon after its process has ended, however long a call may take.
"""

import random
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Thread, current_thread
from threading import Event as Flag
from typing import Protocol

from eventbus.retry.policy import is_transient
from service_kit.telemetry.logs import get_logger

from notification_service.domain.webhook_delivery import LEASE_SECONDS, RENEW_SECONDS, Outcome
from notification_service.store.webhook_claims import Claim

INTERVAL_SECONDS = 1.0
STOP_SECONDS = 5.0
CATCH_UP_SECONDS = LEASE_SECONDS / 2
"""After a failure of the database, senders that live have this time to renew their claims before any ends."""
BEGIN_SECONDS = LEASE_SECONDS / 2
"""A call begins within this time after its claim, or never: this process was suspended, and the lease may be over."""

log = get_logger(__name__)


class Sender(Protocol):
    """Claims messages, calls their receivers and stores the outcomes."""

    def claim(self, most: int) -> list[Claim]:
        """Claim up to `most` deliveries that are due."""

    def call(self, claim: Claim) -> Outcome:
        """Send a claimed message once and return what came of it."""

    def store(self, claim: Claim, outcome: Outcome) -> None:
        """Store the outcome of a call."""

    def renew(self, claims: Collection[Claim]) -> None:
        """Keep the claims of calls that go on."""

    def give_back_lost(self) -> int:
        """Let deliveries be made again whose sender has not renewed its claim."""


@dataclass
class Calls:
    """The calls of a process that are under way: at most `threads` at the same time."""

    sender: Sender
    threads: int
    now: Callable[[], float] = time.monotonic
    _running: dict[Thread, Claim] = field(default_factory=dict)
    _ended: Flag = field(default_factory=Flag)
    _stopping: Flag = field(default_factory=Flag)

    def __post_init__(self) -> None:
        """Make the slots of the calls."""
        self._slots = BoundedSemaphore(self.threads)

    def send_due(self) -> int:
        """Claim deliveries for the free threads and begin to send them; return how many."""
        free = 0
        while free < self.threads and self._slots.acquire(blocking=False):
            free += 1
        claims: list[Claim] = []
        begin_by = self.now() + BEGIN_SECONDS
        try:
            claims = self.sender.claim(free) if free else []
        finally:
            for _ in range(free - len(claims)):
                self._slots.release()
        for claim in claims:
            thread = Thread(target=self._run, args=(claim, begin_by), name="webhook", daemon=True)
            self._running[thread] = claim
            try:
                thread.start()
            except RuntimeError:
                self._running.pop(thread)
                self._slots.release()
                raise
        return len(claims)

    def renew(self) -> None:
        """Keep the claims of the calls that go on."""
        if claims := list(self._running.copy().values()):
            self.sender.renew(claims)

    def wait(self, seconds: float) -> None:
        """Wait until a call ends, which makes room for the next one and may make it due."""
        self._ended.wait(seconds)
        self._ended.clear()

    def stop(self, seconds: float) -> None:
        """Wait for calls in progress; what goes on for longer is sent again."""
        self._stopping.set()
        deadline = time.monotonic() + seconds
        for thread in list(self._running.copy()):
            thread.join(max(deadline - time.monotonic(), 0.0))

    def _run(self, claim: Claim, begin_by: float) -> None:
        try:
            if self.now() <= begin_by:
                self._store(claim, self.sender.call(claim))
        except Exception as error:
            # The claim isn't renewed any more, and the message is sent again with the same id.
            log.warning("delivery of a webhook failed", webhook=claim.webhook_id, error=type(error).__name__)
        finally:
            self._slots.release()
            self._running.pop(current_thread(), None)
            self._ended.set()

    def _store(self, claim: Claim, outcome: Outcome) -> None:
        """Store an outcome, once the database is back where it is down: else the message would be sent again."""
        while True:
            try:
                return self.sender.store(claim, outcome)
            except Exception as error:
                if not is_transient(error) or self._stopping.wait(INTERVAL_SECONDS):
                    raise


def run_webhooks(calls: Calls, stopping: Flag) -> None:
    """Deliver until `stopping` is set."""
    next_renewal = next_look_for_lost = calls.now()
    while not stopping.is_set():
        try:
            if calls.now() >= next_renewal:
                calls.renew()
                next_renewal = calls.now() + RENEW_SECONDS
            if calls.now() >= next_look_for_lost:
                calls.sender.give_back_lost()
                next_look_for_lost = calls.now() + INTERVAL_SECONDS
            calls.send_due()
        except Exception as error:
            # The next turn finds what is due again; a database that is down is in the checks of /ready.
            log.warning("look for due webhooks failed", error=type(error).__name__)
            next_look_for_lost = calls.now() + CATCH_UP_SECONDS
        calls.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2))
    calls.stop(STOP_SECONDS)
