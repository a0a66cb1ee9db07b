"""An event as a producer states it, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

ActorKind = Literal["system", "person"]


@dataclass(frozen=True)
class Cause:
    """What set something off: carried from the HTTP request through every event to the last effect."""

    request_id: str
    traceparent: str = ""
    actor_kind: ActorKind = "system"
    event_id: str = ""
    """Id of the event that caused this one; empty where a request did."""


@dataclass(frozen=True)
class Event:
    """One fact to announce. `body` is flat JSON and tells the whole outcome, not a difference.

    `revision` grows by one per producer and subject. `event` and `event_id` are put into the body by the outbox.
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
    """The attributes of a received message, checked and typed."""

    id: str
    type: str
    version: int
    source: str
    subject: str
    company_id: int
    revision: int
    time: str
    cause: Cause
    """The cause to hand on to whatever this event sets off; its `event_id` is this event's id."""
