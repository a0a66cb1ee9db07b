"""Ranking metrics against people's relevance judgements. All are between 0 and 1; higher is better.

`found`: the ranking, best first. `judged`: the relevance of each item: 0 not, 1 relevant, more for higher degrees.
Items without a judgement are not relevant. A repeated item counts at its first position only.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing", bound=Hashable)


def recall(found: Sequence[Thing], judged: Mapping[Thing, float], k: int) -> float:
    """Return the share of relevant items among the first `k`. Raises ValueError if nothing is relevant."""
    relevant = _relevant(judged)
    return len(relevant.keys() & set(_first(found, k))) / len(relevant)


def ndcg(found: Sequence[Thing], judged: Mapping[Thing, float], k: int) -> float:
    """Return the discounted gain of the first `k`, divided by the best order's. Raises ValueError."""
    relevant = _relevant(judged)
    best = sorted(relevant.values(), reverse=True)[:k]
    return _gain(relevant.get(thing, 0.0) for thing in _first(found, k)) / _gain(best)


def reciprocal_rank(found: Sequence[Thing], judged: Mapping[Thing, float], k: int) -> float:
    """Return 1 / the rank of the first relevant item, or 0; its mean is MRR. Raises ValueError."""
    relevant = _relevant(judged)
    return next((1 / rank for rank, thing in enumerate(_first(found, k), 1) if thing in relevant), 0.0)


def _relevant(judged: Mapping[Thing, float]) -> dict[Thing, float]:
    relevant = {thing: grade for thing, grade in judged.items() if grade > 0}
    if not relevant:
        raise ValueError("nothing is relevant to this question, so no order is better than another")
    return relevant


def _first(found: Sequence[Thing], k: int) -> list[Thing]:
    return list(dict.fromkeys(found))[:k]


def _gain(grades: Iterable[float]) -> float:
    return sum(grade / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
