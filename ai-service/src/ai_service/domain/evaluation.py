"""The plan and the data of an evaluation, and its errors."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MAX_OPEN_EVALUATIONS = 5
"""Per company, waiting or running; each takes a minute or more of a core."""
MIN_ROWS = 20


class EvaluationNotFound(Exception):
    """The company has no such evaluation."""


class TooManyEvaluations(Exception):
    """The company has as many open evaluations as it may have."""


class NothingToEvaluate(Exception):
    """There are too few tickets to evaluate on."""


@dataclass(frozen=True)
class EvaluationPlan:
    """How to evaluate: always on tickets that were not trained on."""

    folds: int = 5
    """Folds of the cross-validation, where there are no test rows."""
    precision: float = 0.9
    """The target precision of the accepted answers, 0 to 1."""
    per_label: int | None = None
    """Train on so many examples of each label only; None: on all."""
    draws: int = 5
    """How many times `per_label` examples are drawn, where there are test rows."""
    fine_tune: bool = False
    """Fine-tune an encoder in each round, however few labels there are."""

    notes: Sequence[str] = ()
    """How the file was read and which rows were left out, for people."""

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class EvaluationData:
    """Labelled texts as (text, label), oldest first where they have an age; `test` is empty for cross-validation."""

    rows: Sequence[tuple[str, str]]
    test: Sequence[tuple[str, str]] = ()
    labels: Mapping[str, str] | None = None
    """Descriptions by label, where there are any."""
    by_people: Sequence[bool] = ()
    """For each row of `test`, whether its label is a person's; empty: all are."""
    predictions: Sequence[tuple[str, float, bool]] = ()
    """For each row of `test` the prediction made when the ticket came: label, confidence (0 to 1), accepted."""

    def to_json(self) -> dict[str, Any]:
        """Return the data as JSON values."""
        return asdict(self)
