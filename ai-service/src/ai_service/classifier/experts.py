"""Three ways to read a text, each giving every label a score: its words, its meaning, its neighbours.

None is best everywhere: words carry most where tickets are many and full of names of systems, meaning and neighbours
where there are few. How much each counts is found on texts that none of them learnt from (`calibration.mixture`).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.classifier.calibration import Floats

Places = NDArray[np.intp]

EXPERTS = ("words", "meaning", "neighbours")
WORDS_C = 0.3
MEANING_C = 20.0
"""Inverse regularizations, chosen on the training parts of two public sets (docs/models.md)."""
SHARPNESS = 20.0
"""Of the kernel around a neighbour: with it a cosine of 0.9 counts seven times one of 0.8."""
FLOOR = -50.0
"""The score of a label that has no example at all."""


@dataclass(frozen=True)
class Linear:
    """A linear model: one row of weights and one bias per label."""

    weights: Vectors
    bias: Vectors

    def scores(self, rows: Any) -> Floats:
        """Return a row of scores per row of features."""
        found: Floats = np.asarray(rows @ self.weights.T) + self.bias
        return found


@dataclass(frozen=True)
class Memory:
    """Texts as vectors, each with the place of its label: first what is told of the labels, then examples."""

    vectors: Vectors
    places: Places
    labels: int
    """So many labels there are."""
    told: int
    """So many texts tell of the labels themselves."""

    @property
    def examples(self) -> Vectors:
        """Return the examples' vectors."""
        return self.vectors[self.told :]

    def cosines(self, embeddings: Vectors) -> Floats:
        """Return the cosine of each text with each of `vectors`."""
        found: Floats = embeddings @ self.vectors.T
        return found

    def scores(self, cosines: Floats) -> Floats:
        """Return the logarithm of each label's kernel density at each text, given the texts' cosines."""
        order, present, begins, sizes = self._by_label
        kernel = np.exp(cosines * SHARPNESS)[:, order]
        found = np.full((len(cosines), self.labels), FLOOR)
        found[:, present] = np.log(np.add.reduceat(kernel, begins, axis=1) / sizes)
        return found

    @cached_property
    def _by_label(self) -> tuple[Places, Places, Places, Places]:
        """The order that puts each label's vectors side by side; which labels have any, where they begin, how many."""
        present, begins, sizes = np.unique(np.sort(self.places), return_index=True, return_counts=True)
        return np.argsort(self.places, kind="stable"), present, begins, sizes


@dataclass(frozen=True)
class Experts:
    """All three, trained on the same examples."""

    words: Linear
    meaning: Linear
    memory: Memory

    def scores(self, rows: Any, embeddings: Vectors, cosines: Floats) -> Floats:
        """Return expert × text × label, given rows of words, vectors and `memory.cosines` of these."""
        return np.stack([self.words.scores(rows), self.meaning.scores(embeddings), self.memory.scores(cosines)])


def fit(rows: Any, embeddings: Vectors, places: Places, *, told: int, remembered: int, seed: int) -> Experts:
    """Train all three. `places` are those of the texts' labels.

    The first `told` texts tell of the labels, at least one of each; of the others the last ones are `remembered`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    # As exact as the labels are, and quicker than the ten-thousandth it would be.
    words = LinearSVC(C=WORDS_C, tol=5e-2, random_state=seed).fit(rows, places) if rows.shape[1] else None
    meaning = LogisticRegression(C=MEANING_C, tol=1e-3, max_iter=300).fit(embeddings, places)
    labels = int(places.max()) + 1
    newest = np.arange(max(told, len(places) - remembered), len(places))
    kept = np.concatenate([np.arange(told), newest])
    nothing = Linear(np.zeros((labels, 0), np.float32), np.zeros(labels, np.float32))
    return Experts(
        _linear(words) if words is not None else nothing,
        _linear(meaning),
        Memory(embeddings[kept], places[kept], labels, told),
    )


def _linear(model: Any) -> Linear:
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # One row says both: what speaks against the one speaks for the other.
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return Linear(weights.astype(np.float32), bias.astype(np.float32))
