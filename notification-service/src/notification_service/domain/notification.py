"""A notification, as it is stored and as a person sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from notification_service.domain.kinds import Words, words_of


class NotificationNotFound(Exception):
    """The caller has no such notification."""

    def __init__(self, notification_id: int) -> None:
        super().__init__(f"you have no notification {notification_id}")


@dataclass(frozen=True)
class NewNotification:
    """A notification to store. `cause` is the event's id: with person and kind it is unique."""

    company_id: int
    user_id: int
    kind: str
    cause: str
    ticket_id: int | None
    is_shown: bool
    """Whether the app shows it; what isn't shown is stored for other channels alone."""
    is_mailed: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
    sender: str | None = None


@dataclass(frozen=True)
class AddedNotification:
    """A notification that was not there before, with the number and the time that the database gave it."""

    new: NewNotification
    id: int
    created_at: datetime


@dataclass(frozen=True)
class Notification:
    """A stored notification."""

    id: int
    kind: str
    ticket_id: int | None
    facts: Mapping[str, Any]
    is_read: bool
    created_at: datetime

    @property
    def words(self) -> Words:
        """Return what the person reads."""
        return words_of(self.kind, self.ticket_id, self.facts)
