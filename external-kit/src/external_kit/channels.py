"""Channels, queues and message properties of an external queue."""

from collections.abc import Mapping
from typing import Any

from pika import BasicProperties, BlockingConnection
from pika.exceptions import ChannelClosedByBroker

from external_kit.message import ExternalMessage

NOT_FOUND = 404
PERSISTENT = 2


def dead_letter_queue(queue: str) -> str:
    """Return the name of the queue of a queue's refused messages."""
    return f"{queue}_DLQ"


def open_channel(connection: BlockingConnection, *queues: str) -> Any:
    """Return a channel with confirms after declaring queues: existing ones stay as they are, new ones are durable."""
    for queue in queues:
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
    channel.confirm_delivery()  # a message leaves a queue after the broker confirmed its copy
    return channel


def received(properties: BasicProperties, body: bytes) -> ExternalMessage:
    """Return a delivered message."""
    return ExternalMessage(
        body,
        properties.headers or {},
        properties.content_type,
        properties.content_encoding,
        properties.message_id,
        properties.correlation_id,
    )


def properties_of(message: ExternalMessage) -> BasicProperties:
    """Return the properties to publish a message with, as a persistent one."""
    return _properties(
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        headers=dict(message.headers),
        message_id=message.message_id,
        correlation_id=message.correlation_id,
    )


def properties_with(properties: BasicProperties, headers: Mapping[str, Any]) -> BasicProperties:
    """Return the properties of a copy of a message that does not expire; a header that is None is removed."""
    merged = {**(properties.headers or {}), **headers}
    return _properties(
        content_type=properties.content_type,
        content_encoding=properties.content_encoding,
        headers={name: value for name, value in merged.items() if value is not None or name not in headers},
        message_id=properties.message_id,
        correlation_id=properties.correlation_id,
        reply_to=properties.reply_to,
        timestamp=properties.timestamp,
        type=properties.type,
        app_id=properties.app_id,
    )


def _properties(**values: Any) -> BasicProperties:
    return BasicProperties(delivery_mode=PERSISTENT, **values)  # type: ignore[no-untyped-call]
