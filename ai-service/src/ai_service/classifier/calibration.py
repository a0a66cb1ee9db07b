"""Making a confidence mean what it says, and choosing from when on it is believed."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

BINS = 15
CERTAINTY = 0.9
"""Of the bound: with this probability the true precision is not below it."""
NEVER = 1.01
"""A threshold that no confidence reaches."""
FEWEST = 10
"""Fewer answers than these say nothing about a precision."""


@dataclass(frozen=True)
class Threshold:
    """From `value` on answers are believed; `bound` is the precision promised there, `covered` the share of answers."""

    value: float
    bound: float
    covered: float


def softmax(scores: Floats) -> Floats:
    """Turn rows of scores into rows of probabilities."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return probabilities


def temperature(scores: Floats, truth: NDArray[np.intp]) -> float:
    """Return the factor for the scores with which their probabilities fit the truth best (Guo et al., 2017)."""

    # Imported here, as below: only training needs them, and a process that judges shall not carry 50 MB for nothing.
    from scipy.optimize import minimize_scalar

    def loss(log_factor: float) -> float:
        probabilities = softmax(scores * np.exp(log_factor))
        return float(-np.log(probabilities[np.arange(len(truth)), truth] + 1e-12).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 5.0), method="bounded").x))


def expected_calibration_error(confidence: Floats, correct: Bools) -> float:
    """Return the mean distance between confidence and accuracy over fifteen bins, weighted by their sizes (0 to 1)."""
    if not len(confidence):
        return 0.0
    return float(sum(abs(sure - right) * share for share, sure, right in reliability(confidence, correct)))


def reliability(confidence: Floats, correct: Bools) -> list[tuple[float, float, float]]:
    """Return, for each bin that holds something, its share of all, its mean confidence and its accuracy."""
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    found = []
    for place in range(BINS):
        inside = bins == place
        if inside.any():
            found.append((float(inside.mean()), float(confidence[inside].mean()), float(correct[inside].mean())))
    return found


def lower_bound(right: int, number: int, certainty: float = CERTAINTY) -> float:
    """Return the one-sided Clopper–Pearson bound: with this certainty the true share is not below it (1934)."""
    from scipy.stats import beta

    return float(beta.ppf(1.0 - certainty, right, number - right + 1)) if right else 0.0


def threshold(confidence: Floats, correct: Bools, target: float) -> Threshold:
    """Return the lowest threshold whose promised precision reaches `target`; one that nothing reaches if none does."""
    order = np.argsort(-confidence, kind="stable")
    right = np.cumsum(correct[order])
    best: Threshold | None = None
    for number in range(FEWEST, len(order) + 1):
        last = number == len(order)
        if not last and confidence[order[number]] == confidence[order[number - 1]]:
            continue  # equals stand on the same side
        bound = lower_bound(int(right[number - 1]), number)
        if bound >= target:
            best = Threshold(float(confidence[order[number - 1]]), bound, number / len(order))
    return best or Threshold(NEVER, 0.0, 0.0)
