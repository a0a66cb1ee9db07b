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
SHRINK = 1e-5


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


def mixture(scores: Floats, truth: NDArray[np.intp]) -> Floats:
    """Return how much each expert counts: what makes the probabilities of their weighted sum fit the truth best.

    `scores` is expert × text × label. With one expert this is temperature scaling (Guo et al., 2017); with several it
    is stacking with one weight each, none negative. The loss is convex, so where the search begins doesn't matter. A
    little is asked for each weight's size, or few texts that all are right would make them endless.
    """

    # Imported here, as below: only training needs them, and a process that judges shall not carry 50 MB for nothing.
    from scipy.optimize import minimize

    rows = np.arange(len(truth))
    of_truth = scores[:, rows, truth]

    def loss(weights: Floats) -> tuple[float, Floats]:
        probabilities = softmax(np.tensordot(weights, scores, 1))
        wrong = -np.log(probabilities[rows, truth] + 1e-12).mean() + SHRINK * float(weights @ weights)
        expected = np.einsum("enl,nl->en", scores, probabilities)
        return wrong, (expected - of_truth).mean(axis=1) + 2 * SHRINK * weights

    begin = np.full(len(scores), 1.0 / len(scores))
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(scores))
    weights: Floats = found.x
    return weights


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


def lower_bounds(right: NDArray[np.intp], number: NDArray[np.intp], certainty: float = CERTAINTY) -> Floats:
    """Return one-sided Clopper–Pearson bounds: with this certainty the true share is not below each (1934)."""
    from scipy.special import betaincinv

    found: Floats = np.where(right > 0, betaincinv(np.maximum(right, 1), number - right + 1, 1.0 - certainty), 0.0)
    return found


def threshold(confidence: Floats, correct: Bools, target: float) -> Threshold:
    """Return the lowest threshold whose promised precision reaches `target`; one that nothing reaches if none does."""
    order = np.argsort(-confidence, kind="stable")
    falling, right = confidence[order], np.cumsum(correct[order])
    # Equals stand on the same side: a border lies only where the next one is lower, or there is none.
    number = np.append(np.flatnonzero(falling[1:] != falling[:-1]) + 1, len(order))
    number = number[number >= FEWEST]
    bounds = lower_bounds(right[number - 1], number)
    reach = np.flatnonzero(bounds >= target)
    if not len(reach):
        return Threshold(NEVER, 0.0, 0.0)
    most = number[reach[-1]]
    return Threshold(float(falling[most - 1]), float(bounds[reach[-1]]), float(most / len(order)))
