"""How right the answers were that people judged later."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ai_service.store import models, settled, shadow

MOST = 5_000
"""The newest so many tickets are looked at."""


@dataclass(frozen=True)
class Figures:
    """`examples` of `tickets` were decided by a person; `figures` are those of an `Evaluation`, None without any."""

    tickets: int
    examples: int
    figures: dict[str, Any] | None


def live(session: Session, company: int) -> Figures:
    """Measure what was said when tickets came against what people decided about them.

    People look at doubtful tickets first, so this is worse than the truth: what nobody corrected doesn't count.
    """
    found = settled.judged_by_people(session, company, MOST)
    return _figures(len(found), [(each.label, each.said, each.confidence, each.believed) for each in found])


def shadowed(session: Session, company: int) -> Figures:
    """Measure what would have been said by who acts on nothing."""
    found = shadow.judged(session, company, MOST)
    told = [(each.label, each.said, each.confidence, each.believed) for each in found if each.label is not None]
    return _figures(len(found), told)


def serving(session: Session, company: int) -> dict[str, Any] | None:
    """Return the model that serves with its figures, as JSON values; None before the first."""
    model = models.serving(session, company)
    return vars(model) if model is not None else None


def switch_shadow(session: Session, company: int, on: bool) -> None:
    """Begin or end reading in the shadow."""
    with session.begin():
        shadow.switch(session, company, on)


def _figures(tickets: int, told: Sequence[tuple[str, str, float, bool]]) -> Figures:
    if not told:
        return Figures(tickets, 0, None)
    # Imported here: numpy is not there in a service without a local model.
    from ai_service.classifier.evaluation import RecordedAnswer, measure

    answers = [
        (label, RecordedAnswer(said, confidence, "" if believed else "a person was asked"))
        for label, said, confidence, believed in told
    ]
    return Figures(tickets, len(told), measure(answers).to_json())
