"""A queue that belongs to others: its messages are theirs, and are handed over as they are."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pika import BasicProperties, BlockingConnection, URLParameters
from pika.exceptions import AMQPError, ChannelClosedByBroker

from service_kit.messaging.backoff import Backoff
from service_kit.messaging.retry.policy import is_transient
from service_kit.telemetry.logs import get_logger, service_name

NOT_FOUND = 404
WAIT_SECONDS, AT_ONCE = 0.5, 20
LONGEST_REASON = 500

log = get_logger(__name__)


class Refused(Exception):
    """A message that will never be taken; the text says why, for its sender to read."""


class ExternalQueue:
    """Takes messages from a queue that other programs send to, such as Celery's; makes it where there is none yet.

    What `handle` refuses, and what it fails with by the message's own fault, goes to `<queue>_DLQ` with its reason,
    never lost; where the database is away the message stays in the queue, and is tried again after a pause.
    """

    def __init__(self, url: str, queue: str, handle: Callable[[bytes, Mapping[str, Any]], None]) -> None:
        """`handle(body, headers)` returns once the message is safely kept; raises Refused."""
        self._url, self._queue, self._handle = url, queue, handle
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def dead_letters(self) -> str:
        """Return the name of the queue for what is refused."""
        return f"{self._queue}_DLQ"

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread = threading.Thread(
            target=self._run, args=(service_name.get(),), name=f"foreign {self._queue}", daemon=True
        )
        self._thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Stop taking messages."""
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
                # The broker is away, or what keeps the messages is: they stay where they are meanwhile.
                log.warning("foreign queue waits", queue=self._queue, error=type(error).__name__)
                self._stopping.wait(backoff.next_delay())

    def _consume(self, backoff: Backoff) -> None:
        connection = BlockingConnection(URLParameters(self._url))
        try:
            channel = self._declared(connection)
            channel.basic_qos(prefetch_count=AT_ONCE)
            for method, properties, body in channel.consume(self._queue, inactivity_timeout=WAIT_SECONDS):
                if self._stopping.is_set():
                    return
                if method is None:
                    continue
                self._take(channel, properties, body)
                channel.basic_ack(method.delivery_tag)
                backoff.reset()
        finally:
            with suppress(AMQPError):
                connection.close()

    def _take(self, channel: Any, properties: BasicProperties, body: bytes) -> None:
        try:
            self._handle(body, properties.headers or {})
            return
        except Exception as error:
            if is_transient(error):
                raise
            # What nobody foresaw goes wrong each time, too: it must not hold up those behind it.
            reason = str(error) if isinstance(error, Refused) else f"it can't be taken: {type(error).__name__}"
        log.warning("foreign message refused", queue=self._queue, reason=reason[:LONGEST_REASON])
        headers = {**(properties.headers or {}), "x-refused": reason[:LONGEST_REASON]}
        kept: Any = BasicProperties(content_type=properties.content_type, headers=headers, delivery_mode=2)  # type: ignore[no-untyped-call]
        channel.basic_publish("", self.dead_letters, body, kept, mandatory=True)

    def _declared(self, connection: BlockingConnection) -> Any:
        """Return a channel on which both queues exist: as their owner made them, else durable."""
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
        channel.confirm_delivery()  # a refused message leaves the queue once the broker has its copy
        return channel
