"""A ticket is in a department."""

from dataclasses import dataclass
from datetime import datetime

from analytics_service.domain.state import Fact, Kind, hundredths


@dataclass(frozen=True)
class Routed:
    """What this service needs of `ticket.routed`."""

    ticket_id: int
    department: str
    confidence_score: float
    need_admin: bool
    rerouted: bool
    decided_by: str
    routed_at: str

    def fact(self, revision: int) -> Fact:
        """Return what it means for the figures."""
        return Fact(
            Kind.ROUTED,
            revision,
            datetime.fromisoformat(self.routed_at),
            department=self.department,
            confidence=hundredths(self.confidence_score),
            need_admin=self.need_admin,
            rerouted=self.rerouted,
            decided_by=self.decided_by,
        )
