"""The append-only trail of a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REQUEST = "request"
"""The cause of an entry that an HTTP request made; other entries name the type and id of an event."""

COMMENT, COMMENT_EDITED, COMMENT_DELETED = "comment", "comment_edited", "comment_deleted"
COMMENT_RATED = "comment_rated"
"""The types of the entries about comments; requesters see none of them."""

PUBLIC_ENTRIES = ("created", "status_change")
"""The types of the entries that the ticket's requester sees."""


@dataclass(frozen=True)
class Entry:
    """One entry of a trail: the change, its actor and its cause."""

    company_id: int
    ticket_id: int
    event_type: str
    actor: str
    payload: Mapping[str, Any]
    request_id: str
    cause: str = REQUEST
