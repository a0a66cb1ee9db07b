"""Converts messages to AMQP properties and back: CloudEvents 1.0, AMQP binary mode."""

from typing import Any

from pika import BasicProperties, DeliveryMode

from eventbus.event import Message

PREFIX = "cloudEvents:"
PREFIXES = (PREFIX, "cloudEvents_")
"""Of the same length."""
JSON = "application/json"


def to_properties(message: Message) -> BasicProperties:
    """Return a message's attributes as headers. Persistent, so that a confirm means that the message is on disk."""
    headers = {f"{PREFIX}{name}": value for name, value in message.attributes.items() if name != "datacontenttype"}
    headers[f"{PREFIX}id"] = message.id
    headers[f"{PREFIX}type"] = message.type
    return BasicProperties(  # type: ignore[no-untyped-call]
        content_type=message.attributes.get("datacontenttype", JSON),
        delivery_mode=DeliveryMode.Persistent,
        message_id=message.id,
        type=message.type,
        headers=headers,
    )


def to_message(routing_key: str, properties: BasicProperties, body: bytes) -> Message:
    """Return the message of a delivery. Other producers prefix the attributes differently or not at all.

    Never raises. Missing attributes stay empty; `read_envelope` validates them.
    """
    bare: dict[str, str] = {}
    prefixed: dict[str, str] = {}
    for header, value in (properties.headers or {}).items():
        # pika returns names and values that are not UTF-8 as bytes. An exception here would close the connection.
        name = _text(header)
        if name.startswith(PREFIXES):
            prefixed[name[len(PREFIX) :].lower()] = _text(value)
        # The broker's own headers (x-death, x-delivery-count …) are no attributes of the event.
        elif not name.startswith("x-") and isinstance(value, str | bytes | int):
            bare[name.lower()] = _text(value)
    attributes = bare | prefixed
    attributes.setdefault("datacontenttype", _text(properties.content_type or JSON))
    message_id = attributes.setdefault("id", _text(properties.message_id or ""))
    message_type = attributes.setdefault("type", _text(properties.type or routing_key))
    return Message(message_id, message_type, attributes, body)


def deliveries(properties: BasicProperties, redelivered: bool) -> int:
    """Return how often the broker has delivered a message, including this delivery."""
    count = (properties.headers or {}).get("x-delivery-count")
    return int(count) + 1 if isinstance(count, int) else 1 + redelivered


def _text(value: Any) -> str:
    # An exact type needs no call of `str`; there are two dozen texts in a message.
    if type(value) is str:
        return value
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
