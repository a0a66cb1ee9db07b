"""What may be asked of an evaluation, and what there may not be."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

MOST_OPEN = 5
"""Evaluations of a company that wait or are under way; each takes a minute or more of a core."""
FEWEST_ROWS = 20


class EvaluationNotFound(Exception):
    """The company has no such evaluation."""


class TooManyEvaluations(Exception):
    """So many wait already that another one would only make all of them later."""


class NothingToEvaluate(Exception):
    """There are too few tickets to say anything."""


@dataclass(frozen=True)
class Plan:
    """How to measure: on tickets that were not learnt from, always."""

    folds: int = 5
    """Rounds of cross-validation, where there are no rows to test on alone."""
    precision: float = 0.9
    """From when on an answer shall be believed: so many of those believed shall be right."""
    per_label: int | None = None
    """Learn from so many examples of each label only; None: from all."""
    draws: int = 5
    """So many times are `per_label` examples drawn, where there are rows to test on alone."""
    fine_tune: bool = False
    """Tune an encoder in each round too, however few labels there are."""

    notes: Sequence[str] = ()
    """How the file was read and what of it was left out, for people."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Material:
    """Texts with labels as (text, label), oldest first where they have an age; `test` is empty for cross-validation."""

    rows: Sequence[tuple[str, str]]
    test: Sequence[tuple[str, str]] = ()
    labels: Mapping[str, str] | None = None
    """Descriptions by label, where there are any."""
    by_people: Sequence[bool] = ()
    """For each row of `test`, whether a person said so; empty: all did."""
    said: Sequence[tuple[str, float, bool]] = ()
    """For each row of `test`, what was said when the ticket came: label, confidence (0 to 1), believed."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)
