"""The port of the local model, for installations with and without one."""

from collections.abc import Sequence
from typing import Protocol

from ai_service.domain.cascade import Classifier
from ai_service.domain.company import Company
from ai_service.domain.team import TeamMatch
from ai_service.domain.ticket_text import TicketText


class LocalModelPort(Protocol):
    """The local model: classifiers trained for a company, and team matching."""

    def classifiers(self, company_id: int, company: Company) -> tuple[Sequence[Classifier], Classifier | None]:
        """Return the company's trained classifiers, and the zero-shot classifier."""

    def match_team(self, company_id: int, ticket: TicketText, company: Company) -> TeamMatch | None:
        """Return the best team for a ticket; None where no team matches."""


class NoLocalModel:
    """The port's implementation for an installation without a local model."""

    def classifiers(self, company_id: int, company: Company) -> tuple[Sequence[Classifier], Classifier | None]:
        """Return no classifier."""
        return (), None

    def match_team(self, company_id: int, ticket: TicketText, company: Company) -> TeamMatch | None:
        """Return None."""
        return None
