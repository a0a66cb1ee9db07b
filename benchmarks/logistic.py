"""A logistic regression on standardised features, and how its weights are stored."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Numbers = NDArray[np.float64]
STRENGTH = 0.3
MIN_DEVIATION = 0.02
MAX_DEVIATIONS = 4
"""How far a feature counts from its mean."""
ITERATIONS = 3_000


@dataclass(frozen=True)
class Logistic:
    """Weights of features, each with its mean and standard deviation."""

    means: Numbers
    deviations: Numbers
    weights: Numbers
    bias: float

    @classmethod
    def fit(cls, features: Numbers, answers: NDArray[np.bool_], weight: Numbers, solver: str = "lbfgs") -> Self:
        """Return the weights for rows of `features`, of which `answers` says which are right; `weight` is a row's."""
        means, deviations = features.mean(0), np.maximum(features.std(0), MIN_DEVIATION)
        scaled = np.clip((features - means) / deviations, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        model = LogisticRegression(C=STRENGTH, solver=solver, max_iter=ITERATIONS)
        made = model.fit(scaled, answers, sample_weight=weight)
        return cls(means, deviations, made.coef_[0], float(made.intercept_[0]))

    def probabilities(self, features: Numbers) -> Numbers:
        """Return the probability of each row."""
        scaled = np.clip((features - self.means) / self.deviations, -MAX_DEVIATIONS, MAX_DEVIATIONS)
        return 1 / (1 + np.exp(-np.clip(scaled @ self.weights + self.bias, -30, 30)))

    def stored(self) -> dict[str, Any]:
        """Return the weights as the service reads them."""
        names = ("means", "deviations", "weights")
        rounded = {name: [round(float(each), 5) for each in getattr(self, name)] for name in names}
        return {**rounded, "bias": round(self.bias, 5)}
