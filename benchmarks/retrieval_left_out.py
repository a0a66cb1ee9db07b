"""Is the default fusion as good as the best of its parts, on a set that it was not chosen on?

The default weighs the cosine by the length of the query (`rag_service/domain/scoring.py`). Each set is left out in turn
with those of the same texts, the weights are chosen on the others, and measured on the one left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rag_service.domain.fusion import Fusion, Method, fused
from rag_service.domain.ranking_metrics import ndcg

from benchmarks.report import Row

PLACES = 10
WORST = 0.01
PARTS = {
    "BM25": Fusion(Method.BM25),
    "dense": Fusion(Method.DENSE),
    "RRF": Fusion(Method.RRF, 0.5, k=2),
    "DBSF": Fusion(Method.DBSF, 0.5),
    "min-max": Fusion(Method.MIN_MAX, 0.5),
}
"""What the default is compared with: each figure alone, and fusions that weigh both alike."""


@dataclass(frozen=True)
class Weights:
    """The cosine's weight in a short query and in a long one, and what is short and long."""

    short: float
    long: float
    short_terms: int
    long_terms: int

    def of(self, terms: int) -> float:
        """Return the cosine's weight in a query of so many terms."""
        length = np.clip((terms - self.short_terms) / (self.long_terms - self.short_terms), 0.0, 1.0)
        return float(self.short + length * (self.long - self.short))

    def __str__(self) -> str:
        return f"{self.short:g} → {self.long:g} from {self.short_terms} to {self.long_terms} terms"


CHOICES = [
    Weights(short, long, *terms)
    for short in (0.55, 0.6, 0.65, 0.7, 0.75)
    for long in (0.4, 0.45, 0.5, 0.55, 0.6)
    for terms in ((3, 8), (4, 8), (4, 10), (4, 12), (6, 10), (6, 12))
    if long <= short
]


@dataclass(frozen=True)
class Asked:
    """A question of a set with its candidates' documents and figures."""

    judged: Mapping[str, float]
    documents: Sequence[str]
    cosines: NDArray[np.float64]
    shares: NDArray[np.float64]
    default: NDArray[np.float64]
    """The scores that the service gives them."""
    terms: int
    by_length: bool
    """Whether its length decides on its weights: it is in English or in no clear language, and has no identifier."""

    def ndcg(self, values: NDArray[np.float64]) -> float:
        """Return the nDCG of the order by these values; a document is as good as its best passage."""
        order = dict.fromkeys(self.documents[place] for place in np.argsort(-values, kind="stable"))
        return ndcg(list(order), self.judged, PLACES)

    def by(self, weights: Weights) -> NDArray[np.float64]:
        """Return the weighted sum of both figures."""
        if not self.by_length:
            return self.default
        weight = weights.of(self.terms)
        return np.asarray(weight * self.cosines + (1 - weight) * self.shares)


@dataclass(frozen=True)
class Measured:
    """A set's nDCG by each part, by the default, and by each choice of weights."""

    parts: dict[str, float]
    default: float
    choices: NDArray[np.float64]

    @property
    def best(self) -> float:
        """Return the best part's."""
        return max(self.parts.values())


def measured(asked: Sequence[Asked]) -> Measured:
    """Measure a set."""

    def mean(values: Sequence[float]) -> float:
        return float(np.mean(values))

    parts = {
        name: mean([each.ndcg(fused(way, each.cosines, each.shares)) for each in asked]) for name, way in PARTS.items()
    }
    choices = [mean([each.ndcg(each.by(way)) for each in asked]) for way in CHOICES]
    default = mean([each.ndcg(each.default) for each in asked])
    return Measured(parts, default, np.array(choices))


def rows(sets: Mapping[str, Measured]) -> list[Row]:
    """Return a row per set: the default against the best part, and what is chosen without the set."""
    found = []
    for name, own in sets.items():
        others = [each for other, each in sets.items() if family(other) != family(name)]
        less = f"{own.default - own.best:+.3f}"
        parts = ", ".join(f"{part} {value:.3f}" for part, value in own.parts.items())
        met = own.default - own.best >= -WORST
        found.append(Row(f"{name}: default less the best of its parts, nDCG@10", less, f"≥ −{WORST}", met, parts))
        if others:
            # The choice that is least bad on the others' worst set; ties go to the better mean.
            margins = np.array([each.choices - each.best for each in others])
            chosen = max(range(len(CHOICES)), key=lambda place: (margins[:, place].min(), margins[:, place].mean()))
            left = float(own.choices[chosen] - own.best)
            choice = str(CHOICES[chosen])
            found.append(Row(f"{name}: chosen without it", f"{left:+.3f}", f"≥ −{WORST}", left >= -WORST, choice))
    return found


def family(name: str) -> str:
    """Return what sets of the same texts have in common: their name's first word."""
    return name.split()[0].rstrip(",")
