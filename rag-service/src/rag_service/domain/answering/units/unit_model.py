"""The probability that a unit answers a question, by a logistic model on the features of `unit_features`.

`benchmarks/answer_units.py` trains it and writes `unit_weights.json`, which also says how it was made.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from rag_service.domain.answering.units.unit_features import IDENTIFIED, NAMES, WITHOUT_ENCODER
from rag_service.domain.answering.units.units import UnitKind

WEIGHTS = Path(__file__).with_name("unit_weights.json")
ModelName = Literal["with_encoder", "with_scores", "by_words", "multilingual"]
MAX_DEVIATIONS = 4.0
OF_NAMED_ROWS = tuple(
    NAMES.index(name)
    for name in (
        "cosine", "kind_checked", "rank", "score_behind", "column_words", "column_cosine", "no_column", "money",
        "coded", "other_column", "value_words", "fits", "cell_named", "cell_near",
    )
)  # fmt: skip
"""The features of rows that the question names: few, because what matters is whether they have what is asked."""


@dataclass(frozen=True)
class Weights:
    """Means, deviations and weights of the features."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    def probability(self, features: Sequence[float]) -> float:
        """Return the probability that a unit with these features answers."""
        total = self.bias
        for value, mean, deviation, weight in zip(features, self.means, self.deviations, self.weights, strict=True):
            total += weight * max(-MAX_DEVIATIONS, min(MAX_DEVIATIONS, (value - mean) / deviation))
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class Comparison:
    """The weights for texts that are compared with their rivals; threshold and calibration of all units after it."""

    text: Weights
    threshold: float
    calibration: tuple[tuple[float, float], ...]
    scores: bool = False
    """Whether the answer encoder's scores are compared, too."""


@dataclass(frozen=True)
class UnitModel:
    """The weights for rows, for rows that the question names, and for texts; the threshold; the calibration."""

    encoder: bool
    """Whether it reads an encoder's features."""
    multilingual: bool
    """Whether that encoder understands other languages than English."""
    row: Weights
    named_row: Weights
    text: Weights
    threshold: float
    """The probability from which a unit is quoted."""
    calibration: tuple[tuple[float, float], ...]
    """Pairs of a probability and the share of right answers among held-out ones; linear between them."""
    comparison: Comparison | None = None
    """None: units are not compared."""

    @property
    def compares(self) -> bool:
        """Return whether units are compared with their rivals."""
        return self.comparison is not None

    @property
    def least(self) -> float:
        """Return the probability from which a unit is quoted, after it was compared if it is."""
        return self.comparison.threshold if self.comparison else self.threshold

    def compared_probability(self, features: Sequence[float]) -> float:
        """Return the probability that a text answers which leads its best rival so far (`rivals.py`)."""
        assert self.comparison is not None, "this model does not compare"
        return self.comparison.text.probability(features)

    def probability(self, kind: UnitKind, features: Sequence[float]) -> float:
        """Return the probability that a unit with these features answers."""
        if kind == "row" and features[IDENTIFIED]:
            return self.named_row.probability(
                [features[index] for index in columns_of("named_row", encoder=self.encoder)]
            )
        part = "row" if kind == "row" else "text"
        weights = self.row if kind == "row" else self.text
        return weights.probability([features[index] for index in columns_of(part, encoder=self.encoder)])

    def confidence(self, probability: float) -> float:
        """Return the share of right answers among those with such a probability, after the comparison."""
        return _between(self.comparison.calibration if self.comparison else self.calibration, probability)

    def confidence_alone(self, probability: float) -> float:
        """Return the same for the probability of a unit that was not compared."""
        return _between(self.calibration, probability)


def _between(points: Sequence[tuple[float, float]], probability: float) -> float:
    before = points[0]
    for point in points:
        if probability <= point[0]:
            low, high = before[0], point[0]
            return before[1] + (point[1] - before[1]) * (probability - low) / max(1e-9, high - low)
        before = point
    return before[1]


def columns_of(part: str, *, encoder: bool) -> tuple[int, ...]:
    """Return the indexes of the features that a part of the model reads."""
    columns = OF_NAMED_ROWS if part == "named_row" else tuple(range(len(NAMES)))
    return columns if encoder else tuple(index for index in columns if index in WITHOUT_ENCODER)


def unit_model(name: ModelName = "with_encoder", weights: Path = WEIGHTS) -> UnitModel:
    """Return the model with the English encoder's features, with the multilingual one's, or without an encoder's.

    `with_scores` is the first, with the comparison that reads scores.
    """
    return _models(weights)[name]


@lru_cache(maxsize=8)
def _models(file: Path) -> dict[str, UnitModel]:
    read = json.loads(file.read_bytes())["models"]
    models = {
        name: UnitModel(
            name != "by_words",
            name == "multilingual",
            _weights(fields["row"]),
            _weights(fields["named_row"]),
            _weights(fields["text"]),
            fields["threshold"],
            _points(fields["calibration"]),
            _comparison(fields.get("comparison"), scores=False),
        )
        for name, fields in read.items()
    }
    scored = _comparison(read["with_encoder"].get("scored_comparison"), scores=True)
    return {**models, "with_scores": replace(models["with_encoder"], comparison=scored)}


def _comparison(fields: dict[str, Any] | None, *, scores: bool) -> Comparison | None:
    if fields is None:
        return None
    return Comparison(_weights(fields["text"]), fields["threshold"], _points(fields["calibration"]), scores)


def _points(pairs: Sequence[Sequence[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((low, high) for low, high in pairs)


def _weights(fields: dict[str, Any]) -> Weights:
    return Weights(tuple(fields["means"]), tuple(fields["deviations"]), tuple(fields["weights"]), fields["bias"])
