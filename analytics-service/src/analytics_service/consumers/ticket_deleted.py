"""A ticket is gone: it counts no more, and what the log holds of it goes too."""

from dataclasses import dataclass
from datetime import datetime

from analytics_service.domain.state import Fact, Kind


@dataclass(frozen=True)
class Deleted:
    """What this service needs of `ticket.deleted`."""

    ticket_id: int
    deleted_at: str

    def fact(self, revision: int) -> Fact:
        """Return what it means for the figures."""
        return Fact(Kind.DELETED, revision, datetime.fromisoformat(self.deleted_at))
