"""A ticket was edited; the event carries the whole outcome, so the status too."""

from dataclasses import dataclass
from datetime import datetime

from analytics_service.domain.state import Fact, Kind, Status


@dataclass(frozen=True)
class Updated:
    """What this service needs of `ticket.updated`."""

    ticket_id: int
    status: str
    updated_at: str

    def fact(self, revision: int) -> Fact:
        """Return what it means for the figures."""
        return Fact(Kind.UPDATED, revision, datetime.fromisoformat(self.updated_at), status=Status(self.status))
