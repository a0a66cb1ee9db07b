"""The probability that a unit answers a question, by a logistic model on the features of `unit_features`.

`benchmarks/answer_units.py` trains it and writes `unit_weights.json`, which also says how it was made.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag_service.domain.answering.unit_features import IDENTIFIED, NAMES, WITHOUT_ENCODER
from rag_service.domain.answering.units import UnitKind

WEIGHTS = Path(__file__).with_name("unit_weights.json")
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
class UnitModel:
    """The weights for rows, for rows that the question names, and for texts; the threshold; the calibration."""

    encoder: bool
    """Whether it reads the encoder's features."""
    row: Weights
    named_row: Weights
    text: Weights
    threshold: float
    """The probability from which a unit is quoted."""
    calibration: tuple[tuple[float, float], ...]
    """Pairs of a probability and the share of right answers among held-out ones; linear between them."""

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
        """Return the share of right answers among those with such a probability."""
        before = self.calibration[0]
        for point in self.calibration:
            if probability <= point[0]:
                low, high = before[0], point[0]
                return before[1] + (point[1] - before[1]) * (probability - low) / max(1e-9, high - low)
            before = point
        return before[1]


def columns_of(part: str, *, encoder: bool) -> tuple[int, ...]:
    """Return the indexes of the features that a part of the model reads."""
    columns = OF_NAMED_ROWS if part == "named_row" else tuple(range(len(NAMES)))
    return columns if encoder else tuple(index for index in columns if index in WITHOUT_ENCODER)


def unit_model(*, encoder: bool) -> UnitModel:
    """Return the model with the encoder's features, or without them."""
    return _models()["with_encoder" if encoder else "by_words"]


@lru_cache(maxsize=1)
def _models() -> dict[str, UnitModel]:
    read = json.loads(WEIGHTS.read_bytes())["models"]
    return {
        name: UnitModel(
            name == "with_encoder",
            _weights(fields["row"]),
            _weights(fields["named_row"]),
            _weights(fields["text"]),
            fields["threshold"],
            tuple((low, high) for low, high in fields["calibration"]),
        )
        for name, fields in read.items()
    }


def _weights(fields: dict[str, Any]) -> Weights:
    return Weights(tuple(fields["means"]), tuple(fields["deviations"]), tuple(fields["weights"]), fields["bias"])
