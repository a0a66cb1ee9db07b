"""The origin of a change: it goes into logs, events and traces."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["system", "person"]


@dataclass(frozen=True)
class Cause:
    """The origin of a change, passed on from the HTTP request through every event to the last effect."""

    request_id: str
    traceparent: str = ""
    actor_kind: ActorKind = "system"
    event_id: str = ""
    """Id of the event that caused this one; empty if a request did."""
