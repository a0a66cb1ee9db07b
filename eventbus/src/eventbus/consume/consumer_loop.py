"""The loop of one queue's thread: receive a batch, process it, continue after every failure."""

import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event as Flag
from typing import Any

from attrs import define, field
from service_kit.backoff import Backoff
from service_kit.telemetry.logs import get_logger

from eventbus.bus.port import BusDown, Incoming, QueueConsumer
from eventbus.consume.processor import BatchProcessor
from eventbus.metrics import MessagingMetrics
from eventbus.publish.batch_throttle import BatchThrottle
from eventbus.retry.policy import is_transient
from eventbus.subscription import QueueOptions

RECEIVE_SECONDS = 0.5
FIRST_LOOK_SECONDS = 0.01
DEPTH_EVERY_SECONDS = 5.0

log = get_logger(__name__)


@define(eq=False)
class ConsumerLoop:
    """Consumes one queue; `run` opens the consumer. `max_events` and `processor.max_batch_events` bound a batch."""

    _open_consumer: Callable[[], QueueConsumer]
    _processor: BatchProcessor
    _metrics: MessagingMetrics
    _options: QueueOptions
    _max_events: int
    _throttle: BatchThrottle = field(init=False, factory=BatchThrottle)
    _problem: str = field(init=False, default="")
    _next_depth_at: float = field(init=False, default=0.0)

    @property
    def queue(self) -> str:
        """Return the name of the queue."""
        return self._processor.queue

    def status(self) -> dict[str, Any]:
        """Return `ok` and, where not, `reason`."""
        return {"ok": False, "reason": self._problem} if self._problem else {"ok": True}

    def run(self, stopping: Flag) -> None:
        """Consume until `stopping` is set."""
        consumer = self._open_consumer()
        backoff = Backoff()
        try:
            while not stopping.is_set():
                try:
                    if self.step(consumer):
                        backoff.reset()
                    self._problem = ""
                except Exception as error:
                    self._record_failure(error)
                    stopping.wait(backoff.next_delay())
        finally:
            consumer.close()
            self._processor.close()

    def step(self, consumer: QueueConsumer, wait_seconds: float = RECEIVE_SECONDS) -> int:
        """Process one batch and return its size; 0 where no message comes in time. Raises transient errors."""
        max_events = min(self._max_events, self._processor.max_batch_events)
        received = consumer.receive(max_events, wait_seconds)
        if received:
            with suppress(BusDown):  # the messages received so far are processed anyway
                self._wait_for_more(consumer, received, max_events)
            self._throttle.begin()
            self._metrics.lag.labels(self.queue).set(len(received))
            self._processor.handle(received, consumer)
            self._throttle.end()
            self._metrics.lag.labels(self.queue).set(0)
        if time.monotonic() >= self._next_depth_at:
            self._next_depth_at = time.monotonic() + DEPTH_EVERY_SECONDS
            if (depth := consumer.depth()) is not None:
                self._metrics.depth.labels(self.queue).set(depth)
        return len(received)

    def _wait_for_more(self, consumer: QueueConsumer, received: list[Incoming], max_events: int) -> None:
        """Add further messages to `received` until the batch is full or its delay is over."""
        now, pause = time.monotonic(), FIRST_LOOK_SECONDS
        throttled_until = now + self._throttle.wait()
        delayed_until = now + self._options.max_batch_delay_seconds
        while len(received) < max_events:
            flush = any(incoming.message.type in self._options.flush_on for incoming in received)
            remaining = (throttled_until if flush else max(throttled_until, delayed_until)) - time.monotonic()
            if remaining <= 0:
                return
            if flush or not self._options.flush_on:
                # No message that arrives now would change the delay, so a few looks for a full batch are enough: each
                # message would wake this thread.
                time.sleep(min(pause, remaining))
                pause, remaining = 2 * pause, 0.0
            received += consumer.receive(max_events - len(received), remaining)

    def _record_failure(self, error: Exception) -> None:
        problem = f"{type(error).__name__}: the bus is down" if isinstance(error, BusDown) else type(error).__name__
        # One log line per problem, not one per attempt.
        if problem != self._problem:
            if is_transient(error):
                log.warning("consumer waits", queue=self.queue, error=problem)
            else:
                log.exception("consumer failed", queue=self.queue)
        self._problem = problem
