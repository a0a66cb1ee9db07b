"""The thread of one queue: receive, handle, and go on whatever happens."""

import time
from collections.abc import Callable, Collection
from contextlib import suppress
from threading import Event as Flag
from typing import Any

from service_kit.messaging.backoff import Backoff
from service_kit.messaging.bus.port import BusDown, Consumer, Incoming
from service_kit.messaging.consume.processor import BatchProcessor
from service_kit.messaging.metrics import MessagingMetrics
from service_kit.messaging.publish.batch_throttle import FULL_BATCH_EVENTS, BatchThrottle
from service_kit.messaging.retry.policy import is_transient
from service_kit.telemetry.logs import get_logger, service_name

WAIT_SECONDS = 0.5
DEPTH_EVERY_SECONDS = 5.0

log = get_logger(__name__)


class ConsumerLoop:
    """One consumer of one queue."""

    def __init__(
        self,
        service: str,
        open_consumer: Callable[[], Consumer],
        consuming: BatchProcessor,
        measures: MessagingMetrics,
        most: int,
        linger: float,
        flush_on: Collection[str] = (),
    ) -> None:
        """`most` bounds a batch, beside what `consuming` says; `flush_on` are the types that don't `linger`."""
        self._service = service
        self._open_consumer = open_consumer
        self._consuming = consuming
        self._measures = measures
        self._most = most
        self._linger = linger
        self._hurried = flush_on
        self._pacing = BatchThrottle()
        self._crowded = False
        self._problem = ""
        self._depth_at = 0.0

    @property
    def queue(self) -> str:
        """Return the name of the queue."""
        return self._consuming.queue

    def status(self) -> dict[str, Any]:
        """Return `ok` and, where not, `reason`."""
        return {"ok": False, "reason": self._problem} if self._problem else {"ok": True}

    def run(self, stopping: Flag) -> None:
        """Consume until told to stop."""
        service_name.set(self._service)
        consumer = self._open_consumer()
        backoff = Backoff()
        try:
            while not stopping.is_set():
                try:
                    if self.step(consumer):
                        backoff.reset()
                    self._problem = ""
                except Exception as error:
                    self._complain(error)
                    stopping.wait(backoff.next_delay())
        finally:
            consumer.close()
            self._consuming.close()

    def step(self, consumer: Consumer, wait_seconds: float = WAIT_SECONDS) -> int:
        """Handle what has been delivered already, or comes first; return how much. Raises what passes by itself."""
        most = min(self._most, self._consuming.most)
        received = consumer.receive(most, wait_seconds)
        if received:
            with suppress(BusDown):  # what is in hand is handled all the same
                self._gather(consumer, received, most)
            self._crowded = len(received) >= FULL_BATCH_EVENTS
            self._pacing.begin()
            self._measures.lag(self.queue, len(received))
            self._consuming.handle(received, consumer)
            self._measures.lag(self.queue, 0)
        if time.monotonic() >= self._depth_at:
            self._depth_at = time.monotonic() + DEPTH_EVERY_SECONDS
            if (waiting := consumer.depth()) is not None:
                self._measures.depth(self.queue, waiting)
        return len(received)

    def _gather(self, consumer: Consumer, received: list[Incoming], most: int) -> None:
        """Wait for more where that is cheaper, and nobody waits for what is here."""
        now = time.monotonic()
        # Behind a full batch there is more on its way, however little of it is here: lingering would hold up the queue.
        paced, lingered = now + self._pacing.wait(), now + (0.0 if self._crowded else self._linger)
        while len(received) < min(FULL_BATCH_EVENTS, most):
            hurries = any(incoming.message.type in self._hurried for incoming in received)
            left = (paced if hurries else max(paced, lingered)) - time.monotonic()
            if left <= 0:
                return
            if hurries or not self._hurried:
                # Nothing that comes now would change the time, so it need not wake anybody.
                time.sleep(left)
                left = 0.0
            received += consumer.receive(most - len(received), left)

    def _complain(self, error: Exception) -> None:
        problem = f"{type(error).__name__}: the bus is down" if isinstance(error, BusDown) else type(error).__name__
        # Once per trouble, not once per try.
        if problem != self._problem:
            if is_transient(error):
                log.warning("consumer waits", queue=self.queue, error=problem)
            else:
                log.exception("consumer failed", queue=self.queue)
        self._problem = problem
