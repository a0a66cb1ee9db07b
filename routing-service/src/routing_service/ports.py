"""What this service needs of others and can't get from its own database."""

from dataclasses import dataclass
from typing import Protocol


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


class CantKnow(Exception):
    """ticket-service is down or slow, so nobody can say now whether a ticket exists."""

    retry_after_seconds = 5
