"""Ways of ordering a question's candidates by their two figures: the cosine, and the share of the question's BM25.

The default is the weighted sum of both, which is a score that is comparable between questions (domain/scoring.py). A
company may have chosen another way for its own questions (domain/tuning.py). Then only the order changes: the first
passage gets the highest of the default's scores, the second the next, and so on. So a threshold means the same.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float64]
DBSF_DEVIATIONS = 3.0
"""DBSF takes three standard deviations on either side of the mean as the range of a list, as Qdrant does."""


class Method(StrEnum):
    """How the two figures are put together."""

    WEIGHTED = "weighted"
    """The weighted sum of the cosine and the share of BM25, as they are."""
    MIN_MAX = "min_max"
    """The same, each first scaled from the question's lowest to its highest."""
    DBSF = "dbsf"
    """The same, each first scaled by its distribution among the question's candidates."""
    RRF = "rrf"
    """The weighted sum of the reciprocal ranks."""
    BM25 = "bm25"
    DENSE = "dense"


@dataclass(frozen=True)
class Fusion:
    """A way of ordering candidates."""

    method: Method
    weight: float = 0.5
    """Of the cosine; BM25 has the rest. Without meaning for one figure alone."""
    k: int = 0
    """Of reciprocal ranks: the higher, the less the first places count."""

    @property
    def name(self) -> str:
        """Return it for people."""
        if self.method in (Method.BM25, Method.DENSE):
            return f"{self.method} alone"
        return f"{self.method}, cosine {self.weight:g}" + (f", k {self.k}" if self.method is Method.RRF else "")


def fused(fusion: Fusion, cosines: Row, shares: Row) -> Row:
    """Return what candidates are ordered by, higher first. Both figures are from 0 to 1, one of each per candidate."""
    if fusion.method is Method.BM25:
        return shares
    if fusion.method is Method.DENSE:
        return cosines
    scale = {Method.WEIGHTED: _as_it_is, Method.MIN_MAX: _min_max, Method.DBSF: _by_distribution}.get(fusion.method)
    semantic, lexical = (
        (scale(cosines), scale(shares))
        if scale
        else (_reciprocal_ranks(cosines, fusion.k), _reciprocal_ranks(shares, fusion.k))
    )
    return fusion.weight * semantic + (1 - fusion.weight) * lexical


def ordered(default: Row, wanted: Row | None) -> tuple[NDArray[np.intp], Row]:
    """Return the candidates' places, best first, and the score of each place.

    `default`: the scores of the default fusion. `wanted`: those of another, which orders in its place. Ties go to the
    earlier candidate.
    """
    scores = -np.sort(-default, kind="stable")
    by = default if wanted is None else wanted
    return np.argsort(-by, kind="stable"), scores


def _as_it_is(values: Row) -> Row:
    return values


def _min_max(values: Row) -> Row:
    if not len(values):
        return values
    low, high = values.min(), values.max()
    return np.asarray((values - low) / (high - low)) if high > low else np.full_like(values, 0.5)


def _by_distribution(values: Row) -> Row:
    spread = DBSF_DEVIATIONS * values.std() if len(values) else 0.0
    if spread <= 0:
        return np.full_like(values, 0.5)
    return np.asarray(np.clip((values - values.mean() + spread) / (2 * spread), 0.0, 1.0))


def _reciprocal_ranks(values: Row, k: int) -> Row:
    """Return 1 / (k + rank); a candidate that a list doesn't have (0) gets nothing from it."""
    ranks = np.empty(len(values))
    ranks[np.argsort(-values, kind="stable")] = np.arange(1, len(values) + 1)
    return np.where(values > 0, (k + 1) / (k + ranks), 0.0)
