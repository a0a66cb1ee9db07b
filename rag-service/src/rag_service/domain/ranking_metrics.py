"""Ranking metrics against people's relevance judgements. All are between 0 and 1; higher is better.

`found`: the ranking, best first. `judged`: the relevance of each item: 0 not, 1 relevant, more for higher degrees.
Items without a judgement are not relevant. A repeated item counts at its first position only.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing", bound=Hashable)


def recall(found: Sequence[Thing], judged: Mapping[Thing, float], places: int) -> float:
    """Return the share of relevant items among the first `places`. Raises ValueError if nothing is relevant."""
    relevant = _relevant(judged)
    return len(relevant.keys() & set(_first(found, places))) / len(relevant)


def ndcg(found: Sequence[Thing], judged: Mapping[Thing, float], places: int) -> float:
    """Return the discounted gain of the first `places`, divided by the best order's. Raises ValueError."""
    relevant = _relevant(judged)
    best = sorted(relevant.values(), reverse=True)[:places]
    return _gain(relevant.get(thing, 0.0) for thing in _first(found, places)) / _gain(best)


def reciprocal_rank(found: Sequence[Thing], judged: Mapping[Thing, float], places: int) -> float:
    """Return 1 / the rank of the first relevant item, or 0; its mean is MRR. Raises ValueError."""
    relevant = _relevant(judged)
    return next((1 / place for place, thing in enumerate(_first(found, places), 1) if thing in relevant), 0.0)


def _relevant(judged: Mapping[Thing, float]) -> dict[Thing, float]:
    relevant = {thing: grade for thing, grade in judged.items() if grade > 0}
    if not relevant:
        raise ValueError("nothing is relevant to this question, so no order is better than another")
    return relevant


def _first(found: Sequence[Thing], places: int) -> list[Thing]:
    return list(dict.fromkeys(found))[:places]


def _gain(grades: Iterable[float]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades, 1))
