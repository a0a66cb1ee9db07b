"""One entry of a ticket's append-only trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REQUEST = "request"
"""The cause of an entry that an HTTP request made; otherwise it is the type and id of the event."""


@dataclass(frozen=True)
class Entry:
    """What happened to a ticket, who did it and what set it off."""

    company_id: int
    ticket_id: int
    event_type: str
    actor: str
    payload: Mapping[str, Any]
    request_id: str
    cause: str = REQUEST
