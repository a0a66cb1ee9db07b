"""A message of another program, as the broker delivers it. Nothing in it is checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_ID_CHARACTERS = 200
MAX_REASON_CHARACTERS = 500


class Refused(Exception):
    """A message that is never accepted; the text tells the sender why and never quotes the message's content."""

    def __init__(self, reason: str) -> None:
        """`reason` may name fields of the message, so characters that no text has are replaced."""
        storable = reason.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
        super().__init__(storable[:MAX_REASON_CHARACTERS])


@dataclass(frozen=True)
class ExternalMessage:
    """A message: its bytes, its headers and the properties that say how to read it.

    Never log the headers: Celery's `argsrepr` and `kwargsrepr` repeat the content.
    """

    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict, repr=False)
    content_type: str | None = None
    content_encoding: str | None = None
    message_id: str | None = None
    correlation_id: str | None = None

    @property
    def id(self) -> str | None:
        """Return the id by which the sender tells its messages apart, None without one that can be stored."""
        for found in (self.headers.get("id"), self.message_id, self.correlation_id):
            if isinstance(found, str) and 0 < len(found) <= MAX_ID_CHARACTERS and found.isprintable():
                return found
        return None
