"""Chooses the fusion that orders a company's own questions best, by cross-validation.

Questions that expect the same document are one group and stay in one fold: otherwise the choice would be measured on
what it was made on. In each fold the fusion that is best on the other folds is measured, so the gain is one that new
questions may expect. The groups are resampled for its interval, because questions about one document are alike.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.fusion import Fusion, Method, Row, fused, ordered
from rag_service.domain.ranking_metrics import ndcg, recall, reciprocal_rank
from rag_service.domain.selection import diversify

K = 10
"""Of nDCG, recall and MRR."""
CANDIDATES = K + 40
"""Passages that a search for ten orders by diversity; see `usecases/retrieve.py`."""
FOLDS = 5
DRAWS = 2_000
INTERVAL_PERCENT = (2.5, 97.5)
MIN_GROUPS = FOLDS
"""Groups without which no fold could be left out."""

FUSIONS: tuple[Fusion, ...] = (
    *(Fusion(Method.WEIGHTED, weight) for weight in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)),
    *(Fusion(method, weight) for method in (Method.MIN_MAX, Method.DBSF) for weight in (0.3, 0.5, 0.7)),
    *(Fusion(Method.RRF, weight, k) for k in (2, 60) for weight in (0.3, 0.5, 0.7)),
    Fusion(Method.BM25, 0.0),
    Fusion(Method.DENSE, 1.0),
)
"""The fusions to choose from, besides the default."""


@dataclass(frozen=True)
class Candidate:
    """A passage that was found for a question."""

    document_id: Hashable
    counts_as: str
    """The expected result that it is; its own id if it is none."""
    cosine: float
    share: float
    score: float
    """By the default fusion."""


@dataclass(frozen=True)
class Case:
    """A question with its candidates."""

    group: int
    expected: frozenset[str]
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Figures:
    """Means over the questions."""

    ndcg: float
    recall: float
    mrr: float


@dataclass(frozen=True)
class Choice:
    """The result of tuning."""

    fusion: Fusion | None
    """Best on all questions; None: the default."""
    before: Figures
    """Of the default."""
    after: Figures
    """Of each fold's choice, on the fold that it did not see."""
    gain: float
    """Of nDCG, after less before."""
    low: float
    high: float
    """The ends of the 95 % interval of the gain."""
    groups: int
    compared: tuple[tuple[Fusion | None, float], ...]
    """The nDCG of each fusion on all questions, best first. The choice was made by these, so they promise too much."""

    @property
    def is_sure(self) -> bool:
        """Return whether the interval is above 0."""
        return self.fusion is not None and self.low > 0


def groups_of(expected: Sequence[Iterable[Hashable]]) -> list[int]:
    """Return a group per question: questions that expect the same, also by way of third ones, are one group."""
    parent: dict[Hashable, Hashable] = {}

    def root(name: Hashable) -> Hashable:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    first: list[Hashable] = []
    for names in expected:
        head, *others = dict.fromkeys(names)
        first.append(head)
        for other in others:
            parent[root(other)] = root(head)
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(root(name), len(numbers)) for name in first]


def choose(cases: Sequence[Case], progress: Callable[[], None] = lambda: None) -> Choice:
    """Return the fusion to use and what it brings. `progress` is called after each fusion.

    Raises ValueError where there are fewer than MIN_GROUPS groups.
    """
    ways: list[Fusion | None] = [None, *FUSIONS]
    measured = []
    for way in ways:
        measured.append([_figures(case, way) for case in cases])
        progress()
    figures = np.array(measured)  # fusion, question, measure
    groups = np.array([case.group for case in cases])
    folds = _folds(groups)
    after = np.empty_like(figures[0])
    for fold in range(FOLDS):
        # Ties go to the first way, which is the default.
        best = int(figures[:, folds != fold, 0].mean(1).argmax())
        after[folds == fold] = figures[best, folds == fold]
    gains = after[:, 0] - figures[0, :, 0]
    low, high = interval(gains, groups)
    means = figures[:, :, 0].mean(1)
    order = np.argsort(-means, kind="stable")
    return Choice(
        fusion=ways[int(means.argmax())],
        before=_means(figures[0]),
        after=_means(after),
        gain=float(gains.mean()),
        low=low,
        high=high,
        groups=len(set(groups.tolist())),
        compared=tuple((ways[place], float(means[place])) for place in order),
    )


def interval(values: Row, groups: NDArray[np.int_]) -> tuple[float, float]:
    """Return what 95 % of the means lie between if whole groups are drawn again and again."""
    numbers, inverse = np.unique(groups, return_inverse=True)
    sums = np.bincount(inverse, weights=values)
    sizes = np.bincount(inverse)
    random = np.random.default_rng(0)
    means = np.empty(DRAWS)
    for draw in range(DRAWS):
        drawn = random.integers(0, len(numbers), len(numbers))
        means[draw] = sums[drawn].sum() / sizes[drawn].sum()
    low, high = np.percentile(means, INTERVAL_PERCENT)
    return float(low), float(high)


def _folds(groups: NDArray[np.int_]) -> NDArray[np.int_]:
    """Return a fold per question: large groups first, each into the fold that has the fewest questions."""
    numbers, sizes = np.unique(groups, return_counts=True)
    if len(numbers) < MIN_GROUPS:
        raise ValueError(f"{len(numbers)} groups of questions can't make {FOLDS} folds")
    # Shuffled first, so that documents that were uploaded together don't share a fold.
    shuffled = np.random.default_rng(0).permutation(len(numbers))
    filled = np.zeros(FOLDS)
    fold_of = {}
    for place in sorted(shuffled.tolist(), key=lambda each: -sizes[each]):
        fold = int(filled.argmin())
        fold_of[int(numbers[place])] = fold
        filled[fold] += sizes[place]
    return np.array([fold_of[int(group)] for group in groups])


@dataclass(frozen=True)
class _Placed:
    document_id: Hashable
    score: float
    counts_as: str


def ranking(candidates: Sequence[Candidate], fusion: Fusion | None, k: int = K) -> list[str]:
    """Return what the first `k` passages count as, as a search would show them."""
    default = np.array([each.score for each in candidates])
    wanted = None
    if fusion is not None:
        cosines, shares = (np.array([getattr(each, name) for each in candidates]) for name in ("cosine", "share"))
        wanted = fused(fusion, cosines, shares)
    order, scores = ordered(default, wanted)
    placed = [
        _Placed(candidates[place].document_id, float(score), candidates[place].counts_as)
        for place, score in zip(order[:CANDIDATES], scores, strict=False)
    ]
    return [each.counts_as for each in diversify(placed, k)]  # type: ignore[type-var]


def _figures(case: Case, fusion: Fusion | None) -> tuple[float, float, float]:
    found, expected = ranking(case.candidates, fusion), dict.fromkeys(case.expected, 1.0)
    return ndcg(found, expected, K), recall(found, expected, K), reciprocal_rank(found, expected, K)


def _means(figures: Row) -> Figures:
    return Figures(*(float(mean) for mean in figures.mean(0)))
