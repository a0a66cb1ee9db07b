"""Processes one queue's batches: decode, filter, prepare, apply; and handles the failures of each step."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Event as Flag

from attrs import define, field
from service_kit.telemetry.logs import current_cause, get_logger

from eventbus.bus.port import Acknowledger, Incoming
from eventbus.consume.decoder import DecodedMessage, Decoder, age_seconds
from eventbus.consume.transaction import BatchTransaction
from eventbus.consumer import Subscription
from eventbus.metrics import MessagingMetrics
from eventbus.retry.policy import ShuttingDown, is_transient
from eventbus.retry.retry_store import RetryStore, reason_of

MAX_PREPARE_SECONDS = 1.0

log = get_logger(__name__)


@define(eq=False)
class BatchProcessor:
    """Processes the batches of one subscription. The queue's thread has one, the queue's retries have another."""

    queue: str
    _decoder: Decoder
    _transaction: BatchTransaction
    _retry_store: RetryStore
    _metrics: MessagingMetrics
    _subscription: Subscription
    _stopping: Flag
    _prepare_pool: ThreadPoolExecutor = field(init=False)
    max_batch_events: int = field(init=False)
    """The current maximum: smaller where `prepare` is slow, so that the first events don't wait for the last."""

    def __attrs_post_init__(self) -> None:
        self._prepare_pool = ThreadPoolExecutor(self._subscription.prepare_threads, f"{self.queue}.prepare")
        self.max_batch_events = self._subscription.max_batch_events

    def handle(self, received: Sequence[Incoming], consumer: Acknowledger) -> set[str]:
        """Process and acknowledge a batch; return the ids of the events that failed and were parked.

        A failed event doesn't hold up the others of its batch. Raises transient errors (`is_transient`) and errors of
        the retry store. Unacknowledged messages have been released then, and the caller waits before it continues.
        """
        parked: set[str] = set()
        try:
            messages, malformed = self._decoder.decode(received)
            for incoming, reason in malformed:
                self._dead_letter(incoming, reason, parked)
            messages = self._prepare(self._filter(messages, parked), parked)
            self._apply(received, messages, consumer, parked)
        except Exception:
            # Some malformed or unprepared messages may not be parked yet, so no message may be acknowledged.
            consumer.release(received)
            raise
        return parked

    def close(self) -> None:
        """Stop the threads that prepare, without waiting for them."""
        self._prepare_pool.shutdown(wait=False, cancel_futures=True)

    def _apply(
        self,
        received: Sequence[Incoming],
        messages: Sequence[DecodedMessage],
        consumer: Acknowledger,
        parked: set[str],
    ) -> None:
        """Apply a batch, or where that fails each of its messages alone. Raises what `handle` does."""
        try:
            self._transaction.apply(messages, received, consumer)
        except Exception as error:
            if is_transient(error) or not messages:
                raise
            if len(received) == 1:
                self._record_failure(messages[0], error, parked)
                self._transaction.apply([], received, consumer)
                return
            log.warning(
                "batch failed, trying one by one", queue=self.queue, size=len(messages), error=_error_name(error)
            )
            for incoming in received:
                if self._stopping.is_set():
                    raise ShuttingDown from None
                alone = [message for message in messages if message.incoming is incoming]
                self._apply([incoming], alone, consumer, parked)

    def _filter(self, messages: Sequence[DecodedMessage], parked: set[str]) -> list[DecodedMessage]:
        """Return the messages that the filters accept; an exception of a filter counts as a failed attempt."""
        kept = []
        observe_age = self._metrics.age.labels(self.queue).observe
        for message in messages:
            observe_age(age_seconds(message.envelope))
            try:
                if message.consumer.filter(message.delivery, self._subscription.deps):
                    kept.append(message)
                else:
                    self._metrics.consumed.labels(self.queue, message.envelope.type, "ignored").inc()
            except Exception as error:
                self._record_failure(message, error, parked)
        return kept

    def _prepare(self, messages: list[DecodedMessage], parked: set[str]) -> list[DecodedMessage]:
        """Run `prepare` for new messages whose consumer has one; return the messages to apply, in their order."""
        slow = [message for message in messages if message.consumer.prepare is not None]
        if not slow:
            return messages
        if not all(message.consumer.skip_dedup_check(self._subscription.deps) for message in slow):
            slow = self._transaction.unseen(slow)
        began = time.monotonic()
        failures = self._prepare_all(slow)
        if slow:
            seconds_each = (time.monotonic() - began) / len(slow)
            in_time = int(MAX_PREPARE_SECONDS / max(seconds_each, 0.001))
            self.max_batch_events = min(
                self._subscription.max_batch_events, max(self._subscription.prepare_threads, in_time)
            )
        for message in slow:
            if (error := failures.get(id(message))) is not None:
                self._record_failure(message, error, parked)
        return [message for message in messages if id(message) not in failures]

    def _prepare_all(self, messages: Sequence[DecodedMessage]) -> dict[int, BaseException]:
        """Run `prepare` for each message in the pool's threads; return the errors by the messages' `id()`."""
        submit = self._prepare_pool.submit
        running = {id(message): submit(copy_context().run, self._prepare_one, message) for message in messages}
        while wait(running.values(), timeout=0.5).not_done:
            if self._stopping.is_set():
                self.close()
                raise ShuttingDown
        return {key: error for key, future in running.items() if (error := future.exception()) is not None}

    def _prepare_one(self, message: DecodedMessage) -> None:
        current_cause.set(message.envelope.cause)
        assert message.consumer.prepare is not None
        message.delivery.prepared = message.consumer.prepare(message.delivery, self._subscription.deps)

    def _record_failure(self, message: DecodedMessage, error: BaseException, parked: set[str]) -> None:
        """Count a failed attempt of one event and park it. Raises `error` where it is transient: no attempt then."""
        if is_transient(error):
            raise error
        will_retry = self._retry_store.retry_later(self.queue, message.incoming, reason_of(error))
        parked.add(message.incoming.message.id)
        token = current_cause.set(message.envelope.cause)
        # Without the error's text, which may quote the event.
        log.warning(
            "event failed", queue=self.queue, type=message.envelope.type, error=_error_name(error), waits=will_retry
        )
        current_cause.reset(token)
        self._metrics.consumed.labels(self.queue, message.envelope.type, "parked" if will_retry else "dead").inc()
        if will_retry:
            self._metrics.retries.labels(self.queue).inc()

    def _dead_letter(self, incoming: Incoming, reason: str, parked: set[str]) -> None:
        self._retry_store.dead_letter(self.queue, incoming.message, reason)
        parked.add(incoming.message.id)
        log.warning("message can't be understood", queue=self.queue, message_id=incoming.message.id[:64], reason=reason)
        self._metrics.consumed.labels(self.queue, "", "dead").inc()


def _error_name(error: BaseException) -> str:
    return type(getattr(error, "orig", None) or error).__name__
