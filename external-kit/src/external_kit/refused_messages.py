"""Publishes to an external queue, and shows and sends again its refused messages."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pika import BlockingConnection, URLParameters
from pika.exceptions import ChannelClosedByBroker

from external_kit.channels import NOT_FOUND, dead_letter_queue, open_channel, properties_of, properties_with, received
from external_kit.external_queue import REFUSED_HEADER
from external_kit.message import ExternalMessage


@dataclass(frozen=True)
class RefusedMessage:
    """A message of a queue of refused ones. `place` counts from 1, the oldest, while nothing is taken out."""

    place: int
    reason: str
    message: ExternalMessage


class NoSuchQueue(Exception):
    """The broker has no queue of that name."""

    def __init__(self, queue: str) -> None:
        super().__init__(f"there is no queue {queue}")


def check_queue(url: str, queue: str) -> None:
    """Raise NoSuchQueue for a queue that nobody has declared, and pika's errors."""
    connection = BlockingConnection(URLParameters(url))
    try:
        connection.channel().queue_declare(queue, passive=True)
    except ChannelClosedByBroker as error:
        if error.reply_code == NOT_FOUND:
            raise NoSuchQueue(queue) from error
        raise
    finally:
        connection.close()


def publish(url: str, queue: str, messages: Iterable[ExternalMessage]) -> int:
    """Publish messages to a queue and return their number; the broker has confirmed each. Raises pika's errors."""
    sent = 0
    with _channel(url, queue) as channel:
        for message in messages:
            channel.basic_publish("", queue, message.body, properties_of(message), mandatory=True)
            sent += 1
    return sent


def list_refused(url: str, queue: str, limit: int) -> list[RefusedMessage]:
    """Return up to `limit` refused messages of a queue, the oldest first; they stay where they are."""
    with _channel(url, queue) as channel:
        # Closing the connection puts back what was not acknowledged.
        return [_refused(place, *got[1:]) for place, got in enumerate(_got(channel, queue, limit), 1)]


def send_again(url: str, queue: str, places: Collection[int], limit: int) -> int:
    """Move refused messages back to their queue and return their number; without `places` up to `limit` of them."""
    moved = 0
    with _channel(url, queue) as channel:
        for place, (method, properties, body) in enumerate(_got(channel, queue, max(places, default=limit)), 1):
            if places and place not in places:
                continue
            again = properties_with(properties, {REFUSED_HEADER: None})
            channel.basic_publish("", queue, body, again, mandatory=True)
            channel.basic_ack(method.delivery_tag)
            moved += 1
    return moved


@contextmanager
def _channel(url: str, queue: str) -> Iterator[Any]:
    connection = BlockingConnection(URLParameters(url))
    try:
        yield open_channel(connection, queue, dead_letter_queue(queue))
    finally:
        connection.close()


def _got(channel: Any, queue: str, limit: int) -> Iterator[Any]:
    """Yield messages that were refused before this began; one that is refused again in the meantime comes last."""
    waiting = channel.queue_declare(dead_letter_queue(queue), passive=True).method.message_count
    for _ in range(min(limit, waiting)):
        got = channel.basic_get(dead_letter_queue(queue))
        if got[0] is None:
            return
        yield got


def _refused(place: int, properties: Any, body: bytes) -> RefusedMessage:
    reason = (properties.headers or {}).get(REFUSED_HEADER)
    return RefusedMessage(place, str(reason or "no reason"), received(properties, body))
