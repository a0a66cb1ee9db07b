"""One queue's batches: read, prepare, apply; and what happens where one of the three fails."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event as Flag

from service_kit.messaging.bus.port import Consumer, Incoming
from service_kit.messaging.consume.decoder import DecodedMessage, Decoder, age_seconds
from service_kit.messaging.consume.transaction import BatchTransaction
from service_kit.messaging.metrics import MessagingMetrics
from service_kit.messaging.retry.policy import ShuttingDown, is_transient
from service_kit.messaging.retry.retry_store import RetryStore, reason_of
from service_kit.messaging.subscription import MOST_AT_ONCE
from service_kit.telemetry.logs import current_cause, get_logger, service_name

PREPARE_SECONDS = 1.0

log = get_logger(__name__)


class BatchProcessor:
    """Handles what comes for one subscription; used by the queue's thread and by the retries of the same queue."""

    def __init__(
        self,
        queue: str,
        *,
        reading: Decoder,
        batch: BatchTransaction,
        parking: RetryStore,
        measures: MessagingMetrics,
        prepare_threads: int,
        stopping: Flag,
        max_batch_events: int = MOST_AT_ONCE,
    ) -> None:
        self.queue = queue
        self._reading = reading
        self._batch = batch
        self._parking = parking
        self._measures = measures
        self._stopping = stopping
        self._prepare_threads = prepare_threads
        self._pool: ThreadPoolExecutor | None = None
        self._at_most = self.most = max_batch_events
        """How much to take at once: less where preparing is slow, so that the first don't wait for the last."""

    def handle(self, received: Sequence[Incoming], consumer: Consumer) -> set[str]:
        """Do the effects of all that was received, once, and acknowledge it; return the ids of what was parked.

        A culprit is parked, its companions are not held up. Raises what passes by itself (`is_transient`), and
        whatever keeps culprits from being parked: what was not acknowledged yet has been released then, and the caller
        waits a little.
        """
        parked: set[str] = set()
        try:
            items, broken = self._reading.read(received)
            for bad in broken:
                self._dead(bad.incoming, bad.reason, parked)
            items = self._prepare(self._concerning(items, parked), parked)
        except Exception:
            # What can't be understood or prepared may not be put aside yet, so nothing may be acknowledged.
            consumer.release(received)
            raise
        try:
            self._batch.apply(items, received, consumer)
        except Exception as error:
            if is_transient(error):
                consumer.release(received)
                raise
            log.warning("batch failed, trying one by one", queue=self.queue, size=len(items), error=_name(error))
            self._one_by_one(received, items, consumer, parked)
        return parked

    def close(self) -> None:
        """Stop the threads that prepare, without waiting for slow ones."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _one_by_one(
        self, received: Sequence[Incoming], items: Sequence[DecodedMessage], consumer: Consumer, parked: set[str]
    ) -> None:
        item_of = {id(item.incoming): item for item in items}
        for position, incoming in enumerate(received):
            item = item_of.get(id(incoming))
            try:
                if self._stopping.is_set():
                    raise ShuttingDown
                try:
                    self._batch.apply([item] if item else [], [incoming], consumer)
                except Exception as error:
                    if item is None:
                        raise
                    self._failed(item, error, parked)
                    self._batch.apply([], [incoming], consumer)
            except Exception:
                consumer.release(received[position:])
                raise

    def _concerning(self, items: Sequence[DecodedMessage], parked: set[str]) -> list[DecodedMessage]:
        """Return the items that concern the consumer; one that can't be told has failed, as in any later step."""
        kept = []
        for item in items:
            self._measures.age(self.queue, age_seconds(item.envelope))
            try:
                if item.handler.filter(item.delivery):
                    kept.append(item)
                else:
                    self._measures.consumed(self.queue, item.envelope.type, "ignored")
            except Exception as error:
                self._failed(item, error, parked)
        return kept

    def _prepare(self, items: list[DecodedMessage], parked: set[str]) -> list[DecodedMessage]:
        """Run `prepare` for those that have one and are new; return the items to apply, in their order."""
        slow = [item for item in items if item.handler.prepare is not None]
        if not slow:
            return items
        if any(not item.handler.skip_dedup_check for item in slow):
            slow = self._batch.unseen(slow)
        failures: dict[int, Exception] = {}
        began = time.monotonic()
        self._run_all([self._preparation(item, failures) for item in slow])
        if slow:
            each = (time.monotonic() - began) / len(slow)
            self.most = min(self._at_most, max(self._prepare_threads, int(PREPARE_SECONDS / max(each, 0.001))))
        for item in slow:
            if (error := failures.get(id(item))) is not None:
                self._failed(item, error, parked)
        return [item for item in items if id(item) not in failures]

    def _preparation(self, item: DecodedMessage, failures: dict[int, Exception]) -> Callable[[], None]:
        def run() -> None:
            current_cause.set(item.envelope.cause)
            try:
                assert item.handler.prepare is not None
                item.delivery.prepared = item.handler.prepare(item.delivery)
            except Exception as error:
                failures[id(item)] = error

        return run

    def _run_all(self, jobs: Sequence[Callable[[], None]]) -> None:
        if len(jobs) <= 1:
            for job in jobs:
                job()
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(
                self._prepare_threads, f"{self.queue}.prepare", initializer=_work_for, initargs=(service_name.get(),)
            )
        # One task per thread, not per event: quick preparations would cost more to hand over than to do.
        waiting = deque(jobs)

        def work() -> None:
            while True:
                try:
                    job = waiting.popleft()
                except IndexError:
                    return
                job()

        running = [self._pool.submit(work) for _ in range(min(self._prepare_threads, len(jobs)))]
        while wait(running, timeout=0.5).not_done:
            if self._stopping.is_set():
                waiting.clear()
                raise ShuttingDown

    def _failed(self, item: DecodedMessage, error: Exception, parked: set[str]) -> None:
        """Count a failed attempt of one event. Raises what passes by itself, which is none."""
        if is_transient(error):
            raise error
        waits = self._parking.retry_later(self.queue, item.incoming, reason_of(error))
        parked.add(item.incoming.message.id)
        token = current_cause.set(item.envelope.cause)
        # Not the error's text: it may quote the event.
        log.warning("event failed", queue=self.queue, type=item.envelope.type, error=_name(error), waits=waits)
        current_cause.reset(token)
        self._measures.consumed(self.queue, item.envelope.type, "parked" if waits else "dead")
        if waits:
            self._measures.retried(self.queue)

    def _dead(self, incoming: Incoming, reason: str, parked: set[str]) -> None:
        self._parking.dead_letter(self.queue, incoming.message, reason)
        parked.add(incoming.message.id)
        log.warning("message can't be understood", queue=self.queue, message_id=incoming.message.id[:64], reason=reason)
        self._measures.consumed(self.queue, "", "dead")


def _work_for(service: str) -> None:
    service_name.set(service)


def _name(error: BaseException) -> str:
    return type(getattr(error, "orig", None) or error).__name__
