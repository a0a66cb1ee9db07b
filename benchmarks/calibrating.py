"""Fits what a probability means: the share of right answers among held-out ones."""

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

LEAST_QUOTED = 0.1
"""How far below the threshold a probability is still calibrated."""


def calibration(
    probabilities: NDArray[np.float64], right: NDArray[np.bool_], least: float, bins: int
) -> list[list[float]]:
    """Return the share of right answers by probability, among those that are quoted; pulled a little towards .6."""
    quoted = [index for index, each in enumerate(probabilities) if each >= least - LEAST_QUOTED]
    quoted.sort(key=lambda index: probabilities[index])
    points = []
    for part in np.array_split(np.array(quoted), bins):
        share = (float(right[part].sum()) + 0.6) / (len(part) + 1)
        points.append((float(probabilities[part].mean()), share, float(len(part))))
    rising = IsotonicRegression().fit(*(list(each) for each in zip(*points, strict=True))).predict
    return [[round(probability, 4), round(float(rising([probability])[0]), 4)] for probability, _, _ in points]
