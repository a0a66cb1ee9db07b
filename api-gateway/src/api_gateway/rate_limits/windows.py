"""The decision: may one more request pass, by the counts of this window and of the one before?

Fixed windows let a burst at their border be twice as large. Here the former window's requests go on counting, in the
proportion of its part that lies within the last `seconds`.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """One request, to be counted under `key` against `limit` requests in `seconds`."""

    key: str
    limit: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a counter after a hit. A refused hit isn't counted."""

    admitted: bool
    remaining: int
    seconds: float
    """Until the window ends; of a refused hit until the next one would be admitted."""


def used(former: int, current: int, passed: float) -> int:
    """Return how many requests count now; `passed` is the share of the current window that has passed (0–1)."""
    return math.floor(former * (1 - passed)) + current


def standing(hit: Hit, admitted: bool, former: int, current: int, passed: float) -> Standing:
    """Return the standing after a hit, with which `current` is counted already where it was admitted."""
    if admitted:
        remaining = max(hit.limit - used(former, current, passed), 0)
        return Standing(True, remaining, (1 - passed) * hit.seconds)
    return Standing(False, 0, _wait(hit.limit, former, current, passed) * hit.seconds)


def _wait(limit: int, former: int, current: int, passed: float) -> float:
    """Return in how many windows one more request would be admitted, without others meanwhile."""
    if current < limit:
        # Once fewer than `limit - current` of the former window's requests count.
        return max(1 - (limit - current) / former - passed, 0.0)
    # In the next window, whose former one is this.
    return 1 - passed + max(1 - limit / current, 0.0)
