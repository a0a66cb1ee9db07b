"""Consumes a queue of another system, whose messages are not Smart Ticket events."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventbus.retry.policy import is_transient
from pika import BasicProperties, BlockingConnection, URLParameters
from pika.exceptions import AMQPError
from service_kit.backoff import Backoff
from service_kit.telemetry.logs import get_logger, service_name

from external_kit.channels import dead_letter_queue, open_channel, properties_with, received
from external_kit.message import ExternalMessage, Refused

RECEIVE_SECONDS = 0.5
PREFETCH_MESSAGES = 20
REFUSED_HEADER = "x-refused"

log = get_logger(__name__)


class ExternalQueue:
    """Consumes a queue that other programs publish to, such as Celery's; declares the queue where it is missing.

    A message that `handle` refuses, or that makes it fail, goes to `<queue>_DLQ` with the reason. After a transient
    error the message stays in the queue and is retried after a delay.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        handle: Callable[[ExternalMessage], None],
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        """`handle(message)` returns after it stored the message; it raises Refused. `on_refused` counts these."""
        self._url, self._queue, self._handle, self._on_refused = url, queue, handle, on_refused
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start to consume in a new thread."""
        self._thread = threading.Thread(
            target=self._run, args=(service_name.get(),), name=f"external {self._queue}", daemon=True
        )
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Stop consuming; wait at most `seconds` for the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(seconds)

    def run(self, stopping: threading.Event) -> None:
        """Consume in the caller's thread until `stopping` is set."""
        backoff = Backoff()
        while not stopping.is_set():
            try:
                self._consume(backoff, stopping)
            except Exception as error:
                # The broker or the database is down; the messages stay in the queue.
                log.warning("external queue waits", queue=self._queue, error=type(error).__name__)
                stopping.wait(backoff.next_delay())

    def _run(self, service: str) -> None:
        service_name.set(service)
        self.run(self._stopping)

    def _consume(self, backoff: Backoff, stopping: threading.Event) -> None:
        connection = BlockingConnection(URLParameters(self._url))
        try:
            channel = open_channel(connection, self._queue, dead_letter_queue(self._queue))
            channel.basic_qos(prefetch_count=PREFETCH_MESSAGES)
            for method, properties, body in channel.consume(self._queue, inactivity_timeout=RECEIVE_SECONDS):
                if stopping.is_set():
                    return
                if method is None:
                    continue
                self._process(channel, properties, body)
                channel.basic_ack(method.delivery_tag)
                backoff.reset()
        finally:
            with suppress(AMQPError):
                connection.close()

    def _process(self, channel: Any, properties: BasicProperties, body: bytes) -> None:
        try:
            self._handle(received(properties, body))
            return
        except Exception as error:
            if is_transient(error):
                raise
            # An unforeseen error would occur at every attempt; the message must not block the queue.
            reason = str(error) if isinstance(error, Refused) else f"it can't be taken: {type(error).__name__}"
        log.warning("external message refused", queue=self._queue, reason=reason)
        kept = properties_with(properties, {REFUSED_HEADER: reason})
        channel.basic_publish("", dead_letter_queue(self._queue), body, kept, mandatory=True)
        self._on_refused()
