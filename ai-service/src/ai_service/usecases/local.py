"""What reading tickets needs of the local model, where there is one."""

from collections.abc import Sequence
from typing import Protocol

from ai_service.domain.company import Company
from ai_service.domain.ladder import Rung
from ai_service.domain.team import TeamMatch
from ai_service.domain.ticket_text import TicketText


class Local(Protocol):
    """The local model: rungs of a company's own, and the matching of teams."""

    def rungs(self, company: int, known: Company) -> tuple[Sequence[Rung], Rung | None]:
        """Return the company's own rungs, and one to ask where no word is known."""

    def team(self, company: int, ticket: TicketText, known: Company) -> TeamMatch | None:
        """Return the team a ticket resembles most."""


class NoLocal:
    """Stands in where there is no local model."""

    def rungs(self, company: int, known: Company) -> tuple[Sequence[Rung], Rung | None]:
        """Return none."""
        return (), None

    def team(self, company: int, ticket: TicketText, known: Company) -> TeamMatch | None:
        """Return none."""
        return None
