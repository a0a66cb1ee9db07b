"""What this service needs of others and can't get from its own database."""

from dataclasses import dataclass
from typing import Protocol

from routing_service.domain.teams import Team


@dataclass(frozen=True)
class FoundTicket:
    """A ticket as its owner knows it."""

    uuid: str
    category: str
    priority: str
    revision: int
    """Of the newest event about it, with which wishes are numbered."""


class TicketsElsewhere(Protocol):
    """The service that owns tickets."""

    def find(self, company: int, ticket_id: int) -> FoundTicket | None:
        """Return a ticket of a company, None where there is none; raise CantKnow where nobody can say now."""


class TeamsElsewhere(Protocol):
    """The service that owns teams."""

    def find(self, company: int, team_id: int) -> Team | None:
        """Return a team of a company, None where there is none; raise CantKnow where nobody can say now."""


class CantKnow(Exception):
    """The owner of a ticket or a team is down or slow, so nobody can say now whether it exists."""

    retry_after_seconds = 5
