"""A reply that somebody is writing: text that is not sent yet."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReplyDraft:
    """A person's draft of a reply to a ticket; `internal` drafts become internal notes."""

    ticket_id: int
    text: str
    internal: bool
    updated_at: datetime


class DraftNotFound(Exception):
    """The caller has no draft for this ticket."""

    def __init__(self) -> None:
        super().__init__("There is no draft of yours for this ticket.")
