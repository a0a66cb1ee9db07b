"""Decides how long the relay waits between two turns: not at all under load, a poll interval when idle."""

import time

from service_kit.backoff import Backoff

from eventbus.publish.batch_throttle import BatchThrottle
from eventbus.publish.wakeup import WakeupSocket

FAST_POLL_SECONDS = 0.002
FAST_POLLING_SECONDS = 1.0
FULL_PAGE_EVENTS = 50
"""After a page of this size more events are waiting, and the next page doesn't wait for further ones."""
MIN_IDLE_POLL_SECONDS = 0.05
MAX_IDLE_POLL_SECONDS = 0.25
"""Commits on this machine wake the relay. The first event of another machine waits at most this long."""


class IdlePolicy:
    """Waits on the wake-up socket and decides for how long. One object per relay."""

    def __init__(self, wakeup: WakeupSocket) -> None:
        self._wakeup = wakeup
        self._throttle = BatchThrottle()
        self._idle_polls = Backoff(MIN_IDLE_POLL_SECONDS, MAX_IDLE_POLL_SECONDS)
        self._fast_polls_until = 0.0
        self._notified = False

    def begin_batch(self) -> None:
        """Record that a batch begins now; the throttle measures the distance to the next one."""
        self._throttle.begin()

    def wait(self, published: int, *, refilling: bool) -> None:
        """Wait until the next turn may find events.

        `published` is the number of events of the last turn, `refilling` says whether a refill is under way.
        """
        if published:
            self._throttle.end()
        # The last turn may have found an event before its notification arrived.
        notified = bool(self._wakeup.receive(0))
        if published and not notified and not self._notified:
            # A process that can't notify this one commits events, so the relay polls often for a while.
            self._fast_polls_until = time.monotonic() + FAST_POLLING_SECONDS
        if published >= FULL_PAGE_EVENTS or refilling:
            self._notified = notified
            return
        if not notified:
            fast = time.monotonic() < self._fast_polls_until
            notified = bool(self._wakeup.receive(FAST_POLL_SECONDS if fast else self._idle_polls.next_delay()))
        self._notified = notified
        if notified or published:
            self._idle_polls.reset()
            # Under load, a batch of several events costs hardly more than a batch of one.
            time.sleep(self._throttle.wait())
