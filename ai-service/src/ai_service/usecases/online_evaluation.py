"""Online evaluation: compare the predictions of the serving and the shadow model with the labels that people give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ai_service.store import ground_truth, models, shadow_predictions

MAX_TICKETS = 5_000
"""The newest tickets are evaluated."""


@dataclass(frozen=True)
class OnlineEvaluation:
    """`examples` of `tickets` have a person's label; `figures` are those of an `Evaluation`, None without any label."""

    tickets: int
    examples: int
    figures: dict[str, Any] | None


def evaluate_live(session: Session, company_id: int) -> OnlineEvaluation:
    """Evaluate the predictions made when tickets came.

    The result is worse than the truth: people look at abstentions first, and uncorrected tickets don't count.
    """
    found = ground_truth.labelled_by_people(session, company_id, MAX_TICKETS)
    return _evaluation(len(found), [(each.label, each.predicted, each.confidence, each.accepted) for each in found])


def evaluate_shadow(session: Session, company_id: int) -> OnlineEvaluation:
    """Evaluate the shadow model."""
    found = shadow_predictions.newest(session, company_id, MAX_TICKETS)
    labelled = [
        (each.label, each.predicted, each.confidence, each.accepted) for each in found if each.label is not None
    ]
    return _evaluation(len(found), labelled)


def serving_model(session: Session, company_id: int) -> dict[str, Any] | None:
    """Return the serving model with its metrics as JSON values; None before the first."""
    model = models.serving(session, company_id)
    return vars(model) if model is not None else None


def set_shadow_enabled(session: Session, company_id: int, enabled: bool) -> None:
    """Switch shadow mode on or off."""
    with session.begin():
        shadow_predictions.set_enabled(session, company_id, enabled)


def _evaluation(tickets: int, labelled: Sequence[tuple[str, str, float, bool]]) -> OnlineEvaluation:
    if not labelled:
        return OnlineEvaluation(tickets, 0, None)
    # Imported here: numpy is not installed in a service without a local model.
    from ai_service.adapters.local.classifier.evaluation import RecordedAnswer, measure

    answers = [
        (label, RecordedAnswer(predicted, confidence, "" if accepted else "a person was asked"))
        for label, predicted, confidence, accepted in labelled
    ]
    return OnlineEvaluation(tickets, len(labelled), measure(answers).to_json())
