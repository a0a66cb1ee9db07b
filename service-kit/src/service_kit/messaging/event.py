"""Events, their causes, and their forms on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ActorKind = Literal["system", "person"]


@dataclass(frozen=True)
class Cause:
    """The origin of a change, passed on from the HTTP request through every event to the last effect."""

    request_id: str
    traceparent: str = ""
    actor_kind: ActorKind = "system"
    event_id: str = ""
    """Id of the event that caused this one; empty if a request did."""


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
