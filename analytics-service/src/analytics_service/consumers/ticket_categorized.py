"""A machine has read a ticket: how sure it was counts, where it is routed does not follow from it yet."""

from dataclasses import dataclass
from datetime import datetime

from analytics_service.domain.state import Fact, Kind, hundredths


@dataclass(frozen=True)
class Categorized:
    """What this service needs of `ticket.categorized`."""

    ticket_id: int
    department: str
    confidence_score: float
    need_admin: bool
    decided_by: str
    categorized_at: str

    def fact(self, revision: int) -> Fact:
        """Return what it means for the figures."""
        return Fact(
            Kind.CATEGORIZED,
            revision,
            datetime.fromisoformat(self.categorized_at),
            department=self.department,
            confidence=hundredths(self.confidence_score),
            need_admin=self.need_admin,
            decided_by=self.decided_by,
        )
