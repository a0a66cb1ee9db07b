"""The ports of this service: other services that it asks over HTTP."""

from dataclasses import dataclass
from typing import Protocol

from routing_service.domain.teams import Team


@dataclass(frozen=True)
class FoundTicket:
    """A ticket as ticket-service has it now."""

    uuid: str
    category: str
    priority: str
    revision: int
    """The revision of the ticket's newest event; routing requests carry such revisions."""
    sub_category: str | None = None
    external_ticket_id: str | None = None


class TicketServicePort(Protocol):
    """The service that owns tickets."""

    def find(self, company_id: int, ticket_id: int) -> FoundTicket | None:
        """Return a ticket of a company, None where there is none; raise OwnerUnavailable."""


class AuthServicePort(Protocol):
    """The service that owns teams."""

    def find(self, company_id: int, team_id: int) -> Team | None:
        """Return a team of a company, None where there is none; raise OwnerUnavailable."""


class OwnerUnavailable(Exception):
    """The service that owns a ticket or a team is down or slow, or its response is not valid."""

    retry_after_seconds = 5
