"""Fits what a probability means: the share of right answers among held-out ones."""

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

LEAST_QUOTED = 0.1
"""How far below the threshold a probability is still calibrated."""
SHARE_BEFORE = 0.6
"""The share of right answers that is assumed before any was seen."""


def calibration(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], least: float, bins: int, assumed: float = 1.0
) -> list[list[float]]:
    """Return the share of right answers by probability, among those that are quoted, as rising points.

    `assumed`: how many answers of each bin count as right as often as SHARE_BEFORE, besides those seen.
    """
    quoted = [index for index, each in enumerate(probabilities) if each >= least - LEAST_QUOTED]
    quoted.sort(key=lambda index: probabilities[index])
    points = []
    for part in np.array_split(np.array(quoted), bins):
        share = (float(right[part].sum()) + SHARE_BEFORE * assumed) / (len(part) + assumed)
        points.append((float(probabilities[part].mean()), share, float(len(part))))
    rising = IsotonicRegression().fit(*(list(each) for each in zip(*points, strict=True))).predict
    return [[round(probability, 4), round(float(rising([probability])[0]), 4)] for probability, _, _ in points]
