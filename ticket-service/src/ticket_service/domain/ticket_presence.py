"""The people who have a ticket open. A client renews its lease while the ticket is visible; else it expires."""

from dataclasses import dataclass
from datetime import datetime

LEASE_SECONDS = 30
TYPING_SECONDS = 10


@dataclass(frozen=True)
class PresentPerson:
    """A person who has a ticket open, by the person's id in tokens and the name for display."""

    person: str
    name: str
    typing: bool
    until: datetime
    """When the lease expires."""
