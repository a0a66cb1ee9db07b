"""An ensemble of three members, each of which scores every label: by words, by meaning and by neighbours.

No member is best everywhere: words are best with many tickets full of system names, meaning and neighbours with few
tickets. `calibration.stacking_weights` fits the members' weights on texts that none of them was trained on.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.adapters.local.classifier.calibration import Floats

Places = NDArray[np.intp]

MEMBERS = ("words", "meaning", "neighbours")
WORDS_C = 0.3
MEANING_C = 20.0
"""Inverse regularizations, chosen on the training parts of two public sets (docs/models.md)."""
SHARPNESS = 20.0
"""Of the kernel around a neighbour: a cosine of 0.9 counts seven times as much as one of 0.8."""
MIN_SCORE = -50.0
"""The score of a label without any example."""


@dataclass(frozen=True)
class LinearModel:
    """A linear model: one row of weights and one bias per label."""

    weights: Vectors
    bias: Vectors

    def scores(self, rows: Any) -> Floats:
        """Return a row of scores per row of features."""
        found: Floats = np.asarray(rows @ self.weights.T) + self.bias
        return found


@dataclass(frozen=True)
class KernelDensity:
    """Kernel density of each label over vectors of texts: first the texts about the labels, then the examples."""

    vectors: Vectors
    places: Places
    labels: int
    """The number of labels."""
    label_texts: int
    """The number of texts that name or describe labels."""

    @property
    def examples(self) -> Vectors:
        """Return the examples' vectors."""
        return self.vectors[self.label_texts :]

    def cosines(self, embeddings: Vectors) -> Floats:
        """Return the cosine of each text with each of `vectors`."""
        found: Floats = embeddings @ self.vectors.T
        return found

    def scores(self, cosines: Floats) -> Floats:
        """Return the logarithm of each label's kernel density at each text, given the texts' cosines."""
        order, present, begins, sizes = self._by_label
        kernel = np.exp(cosines * SHARPNESS)[:, order]
        found = np.full((len(cosines), self.labels), MIN_SCORE)
        found[:, present] = np.log(np.add.reduceat(kernel, begins, axis=1) / sizes)
        return found

    @cached_property
    def _by_label(self) -> tuple[Places, Places, Places, Places]:
        """The order that groups the vectors by label; the labels that occur, and the start and size of their groups."""
        present, begins, sizes = np.unique(np.sort(self.places), return_index=True, return_counts=True)
        return np.argsort(self.places, kind="stable"), present, begins, sizes


@dataclass(frozen=True)
class Ensemble:
    """The three members, trained on the same examples."""

    words: LinearModel
    meaning: LinearModel
    memory: KernelDensity

    def scores(self, rows: Any, embeddings: Vectors, cosines: Floats) -> Floats:
        """Return member × text × label, given rows of words, vectors and `memory.cosines` of these."""
        return np.stack([self.words.scores(rows), self.meaning.scores(embeddings), self.memory.scores(cosines)])


def fit(
    rows: Any, embeddings: Vectors, places: Places, *, label_texts: int, max_examples_kept: int, seed: int
) -> Ensemble:
    """Train the three members. `places` are the indices of the texts' labels.

    The first `label_texts` texts name or describe labels, at least one each; the others are examples, of which the
    memory keeps the last `max_examples_kept`.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    # A tolerance as exact as the labels are; the default of 1e-4 is slower.
    words = LinearSVC(C=WORDS_C, tol=5e-2, random_state=seed).fit(rows, places) if rows.shape[1] else None
    meaning = LogisticRegression(C=MEANING_C, tol=1e-3, max_iter=300).fit(embeddings, places)
    labels = int(places.max()) + 1
    newest = np.arange(max(label_texts, len(places) - max_examples_kept), len(places))
    kept = np.concatenate([np.arange(label_texts), newest])
    nothing = LinearModel(np.zeros((labels, 0), np.float32), np.zeros(labels, np.float32))
    return Ensemble(
        _linear(words) if words is not None else nothing,
        _linear(meaning),
        KernelDensity(embeddings[kept], places[kept], labels, label_texts),
    )


def _linear(model: Any) -> LinearModel:
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # scikit-learn returns one row for two labels: evidence against one is evidence for the other.
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return LinearModel(weights.astype(np.float32), bias.astype(np.float32))
