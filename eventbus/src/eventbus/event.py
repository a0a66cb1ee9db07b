"""Events and their forms on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service_kit.telemetry.cause import Cause


@dataclass(frozen=True)
class Event:
    """One fact to publish. `body` is flat JSON and holds the whole state, not a difference.

    `revision` grows by one per producer and subject. The outbox adds `event` and `event_id` to the body.
    """

    type: str
    subject: str
    company_id: int
    revision: int
    body: Mapping[str, Any]
    cause: Cause


@dataclass(frozen=True)
class Message:
    """An event on the wire: CloudEvents 1.0 attributes (without the transport's prefix) and the JSON body."""

    id: str
    type: str
    attributes: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Envelope:
    """The validated attributes of a received message."""

    id: str
    type: str
    version: int
    source: str
    subject: str
    company_id: int
    revision: int
    time: str
    cause: Cause
    """The cause of all changes that this event triggers; its `event_id` is this event's id."""
