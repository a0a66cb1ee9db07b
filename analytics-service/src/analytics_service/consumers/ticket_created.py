"""A ticket exists: it counts from now on."""

from dataclasses import dataclass
from datetime import datetime

from analytics_service.domain.state import Fact, Kind, Status


@dataclass(frozen=True)
class Created:
    """What this service needs of `ticket.created`."""

    ticket_id: int
    created_at: str

    def fact(self, revision: int) -> Fact:
        """Return what it means for the figures."""
        return Fact(Kind.CREATED, revision, datetime.fromisoformat(self.created_at), status=Status.PENDING)
