"""Why a ticket was read as it was: what was said then, and what the local classifier sees in its text."""

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy.orm import Session

from ai_service.domain.company import Company
from ai_service.domain.learning import TicketUnread
from ai_service.store import examples, predictions


class LocalInsight(Protocol):
    """The local model, asked for its reasons."""

    def insight(self, company: int, known: Company, text: str) -> dict[str, Any] | None:
        """Return candidates, words, neighbours, threshold, doubt and what would change it; None without a model."""


class Explainer:
    """Explains tickets of all companies."""

    def __init__(
        self,
        company_of: Callable[[int], Company],
        local: LocalInsight | None,
        is_gone: Callable[[int, int], bool] = lambda _company, _ticket: False,
    ) -> None:
        """`is_gone(company, ticket)` asks the owner of tickets: one may have been deleted a moment ago."""
        self._is_gone = is_gone
        self._company_of = company_of
        self._local = local

    def explain(self, session: Session, company: int, ticket_id: int) -> dict[str, Any]:
        """Return the explanation as JSON values. Raises TicketUnread."""
        said = predictions.latest(session, company, ticket_id)
        kept = examples.get(session, company, ticket_id)
        session.rollback()  # gives the connection back while ticket-service is asked
        if said is None or self._is_gone(company, ticket_id):
            raise TicketUnread(f"nothing was said about a ticket {ticket_id}")
        text, person = kept if kept is not None else (None, None)
        local = None
        if self._local is not None and text is not None:
            local = self._local.insight(company, self._company_of(company), text)
        return {"ticket_id": ticket_id, "said": said, "local": local, "person": person}
