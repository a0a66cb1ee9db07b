"""How good an order of passages or documents is, against what people judged. All between 0 and 1, more is better.

`found` is the order, best first; `judged` says how relevant each thing is: 0 not, 1 relevant, more where there are
degrees. What nobody judged is not relevant. A thing that is found twice counts at its first place only.
"""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing", bound=Hashable)


def recall(found: Sequence[Thing], judged: Mapping[Thing, float], places: int) -> float:
    """Return the share of what is relevant that stands in the first places. Raises ValueError where nothing is."""
    relevant = _relevant(judged)
    return len(relevant.keys() & set(_first(found, places))) / len(relevant)


def ndcg(found: Sequence[Thing], judged: Mapping[Thing, float], places: int) -> float:
    """Return the gain of the first places, later ones counting less, against the best order's. Raises ValueError."""
    relevant = _relevant(judged)
    best = sorted(relevant.values(), reverse=True)[:places]
    return _gain(relevant.get(thing, 0.0) for thing in _first(found, places)) / _gain(best)


def reciprocal_rank(found: Sequence[Thing], judged: Mapping[Thing, float], places: int) -> float:
    """Return 1 / the place of the first relevant thing, 0 where there is none; its mean is MRR. Raises ValueError."""
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
