"""Calibrates confidences and chooses the threshold from which on an answer is accepted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

BINS = 15
CERTAINTY = 0.9
"""Of the bound: the true precision is at least the bound with this probability."""
NEVER = 1.01
"""A threshold that no confidence reaches."""
MIN_ANSWERS = 10
"""Fewer answers give no useful bound of a precision."""
L2_PENALTY = 1e-5


@dataclass(frozen=True)
class Threshold:
    """Answers with a confidence of at least `value` are accepted.

    `bound` is the guaranteed precision of these, `covered` their share of all answers.
    """

    value: float
    bound: float
    covered: float


def softmax(scores: Floats) -> Floats:
    """Turn rows of scores into rows of probabilities."""
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities: Floats = shifted / shifted.sum(axis=1, keepdims=True)
    return probabilities


def stacking_weights(scores: Floats, truth: NDArray[np.intp]) -> Floats:
    """Return one weight per member, so that the probabilities of the weighted sum of scores fit the truth best.

    `scores` is member × text × label. With one member this is temperature scaling (Guo et al., 2017); with several it
    is stacking with one weight each, none negative. The loss is convex, so the start of the search doesn't matter. An
    L2 penalty keeps the weights finite where all of few texts are right.
    """

    # Imported here, as below: only training needs scipy's 50 MB, not a process that classifies.
    from scipy.optimize import minimize

    rows = np.arange(len(truth))
    of_truth = scores[:, rows, truth]

    def loss(weights: Floats) -> tuple[float, Floats]:
        probabilities = softmax(np.tensordot(weights, scores, 1))
        wrong = -np.log(probabilities[rows, truth] + 1e-12).mean() + L2_PENALTY * float(weights @ weights)
        expected = np.einsum("enl,nl->en", scores, probabilities)
        return wrong, (expected - of_truth).mean(axis=1) + 2 * L2_PENALTY * weights

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
    """Return the lowest threshold whose guaranteed precision reaches `target`, else one that no confidence reaches."""
    order = np.argsort(-confidence, kind="stable")
    falling, right = confidence[order], np.cumsum(correct[order])
    # Equal confidences stay together: a cut is possible only before a lower confidence or at the end.
    number = np.append(np.flatnonzero(falling[1:] != falling[:-1]) + 1, len(order))
    number = number[number >= MIN_ANSWERS]
    bounds = lower_bounds(right[number - 1], number)
    reach = np.flatnonzero(bounds >= target)
    if not len(reach):
        return Threshold(NEVER, 0.0, 0.0)
    most = number[reach[-1]]
    return Threshold(float(falling[most - 1]), float(bounds[reach[-1]]), float(most / len(order)))
