"""Explain a ticket's categorization: the prediction made when it came, and the local classifier's view of its text."""

from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy.orm import Session

from ai_service.domain.company import Company
from ai_service.domain.training import PredictionNotFound
from ai_service.store import examples, predictions


class LocalExplainer(Protocol):
    """Explains the local model's classification of a text."""

    def explain(self, company_id: int, company: Company, text: str) -> dict[str, Any] | None:
        """Return candidates, words, neighbours, threshold, abstain reason and counterfactual; None without a model."""


class Explainer:
    """Explains tickets of all companies."""

    def __init__(
        self,
        company_of: Callable[[int], Company],
        local: LocalExplainer | None,
        is_deleted: Callable[[int, int], bool] = lambda _company, _ticket: False,
    ) -> None:
        """`is_deleted(company_id, ticket_id)` asks ticket-service, which knows of a deletion before its event comes."""
        self._is_deleted = is_deleted
        self._company_of = company_of
        self._local = local

    def explain(self, session: Session, company_id: int, ticket_id: int) -> dict[str, Any]:
        """Return the explanation as JSON values. Raises PredictionNotFound."""
        prediction = predictions.latest(session, company_id, ticket_id)
        example = examples.get(session, company_id, ticket_id)
        session.rollback()  # returns the connection to the pool before the call of ticket-service
        if prediction is None or self._is_deleted(company_id, ticket_id):
            raise PredictionNotFound(f"there is no prediction for a ticket {ticket_id}")
        text, label = example if example is not None else (None, None)
        local = None
        if self._local is not None and text is not None:
            local = self._local.explain(company_id, self._company_of(company_id), text)
        return {"ticket_id": ticket_id, "prediction": prediction, "local": local, "person_department": label}
