"""Consumes a queue of another system, whose messages are not Smart Ticket events."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pika import BasicProperties, BlockingConnection, URLParameters
from pika.exceptions import AMQPError, ChannelClosedByBroker
from service_kit.backoff import Backoff
from service_kit.telemetry.logs import get_logger, service_name

from eventbus.retry.policy import is_transient

NOT_FOUND = 404
RECEIVE_SECONDS = 0.5
PREFETCH_MESSAGES = 20
MAX_REASON_CHARACTERS = 500

log = get_logger(__name__)


class Refused(Exception):
    """`handle` raises this for a message that it never accepts; the text tells the sender why."""


class ExternalQueue:
    """Consumes a queue that other programs publish to, such as Celery's; declares the queue where it is missing.

    A message that `handle` refuses, or that makes it fail, goes to `<queue>_DLQ` with the reason. After a transient
    error the message stays in the queue and is retried after a delay.
    """

    def __init__(self, url: str, queue: str, handle: Callable[[bytes, Mapping[str, Any]], None]) -> None:
        """`handle(body, headers)` returns after it stored the message; it raises Refused."""
        self._url, self._queue, self._handle = url, queue, handle
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def dead_letters(self) -> str:
        """Return the name of the queue of refused messages."""
        return f"{self._queue}_DLQ"

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

    def _run(self, service: str) -> None:
        service_name.set(service)
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                self._consume(backoff)
            except Exception as error:
                # The broker or the database is down; the messages stay in the queue.
                log.warning("foreign queue waits", queue=self._queue, error=type(error).__name__)
                self._stopping.wait(backoff.next_delay())

    def _consume(self, backoff: Backoff) -> None:
        connection = BlockingConnection(URLParameters(self._url))
        try:
            channel = self._open_channel(connection)
            channel.basic_qos(prefetch_count=PREFETCH_MESSAGES)
            for method, properties, body in channel.consume(self._queue, inactivity_timeout=RECEIVE_SECONDS):
                if self._stopping.is_set():
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
            self._handle(body, properties.headers or {})
            return
        except Exception as error:
            if is_transient(error):
                raise
            # An unforeseen error would occur at every attempt; the message must not block the queue.
            reason = str(error) if isinstance(error, Refused) else f"it can't be taken: {type(error).__name__}"
        log.warning("foreign message refused", queue=self._queue, reason=reason[:MAX_REASON_CHARACTERS])
        headers = {**(properties.headers or {}), "x-refused": reason[:MAX_REASON_CHARACTERS]}
        kept: Any = BasicProperties(content_type=properties.content_type, headers=headers, delivery_mode=2)  # type: ignore[no-untyped-call]
        channel.basic_publish("", self.dead_letters, body, kept, mandatory=True)

    def _open_channel(self, connection: BlockingConnection) -> Any:
        """Return a channel after declaring both queues: existing ones stay as they are, new ones are durable."""
        for queue in (self._queue, self.dead_letters):
            channel = connection.channel()
            try:
                channel.queue_declare(queue, passive=True)
            except ChannelClosedByBroker as error:
                if error.reply_code != NOT_FOUND:
                    raise
                channel = connection.channel()
                channel.queue_declare(queue, durable=True)
            channel.close()
        channel = connection.channel()
        channel.confirm_delivery()  # a refused message leaves the queue after the broker confirmed its copy
        return channel
