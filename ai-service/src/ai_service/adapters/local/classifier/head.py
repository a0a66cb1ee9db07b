"""The trained head: an ensemble of three members with calibrated weights, a threshold and a check of scope."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.adapters.local.classifier.calibration import NEVER, Bools, Floats, Threshold, softmax
from ai_service.adapters.local.classifier.near_duplicates import NEAR_DUPLICATE

if TYPE_CHECKING:
    from model_kit.encoder import Encoder

    from ai_service.adapters.local.classifier.ensemble import Ensemble, LinearModel
    from ai_service.adapters.local.classifier.features import Vocabulary

Places = NDArray[np.intp]

CODE_VERSION = "4"
"""Change it when the same examples would result in another head."""
NEIGHBOURS = 5
MAX_CANDIDATES = 5
MIN_EXAMPLES_OF_KNOWN_LABEL = 10
"""A label with fewer examples does not count as known."""


@dataclass(frozen=True)
class Candidate:
    """A label and how likely it is (0 to 1)."""

    label: str
    probability: float


@dataclass(frozen=True)
class NearestExample:
    """An example close to a text; `similarity` is a cosine."""

    subject: str
    label: str
    similarity: float


@dataclass(frozen=True)
class Classification:
    """The result for one text: the most likely labels, and the reason if the head abstains."""

    candidates: tuple[Candidate, ...]
    neighbours: tuple[NearestExample, ...]
    abstention_reason: str = ""
    """Why the best label is not accepted; empty if it is."""
    threshold: float | None = None
    """The confidence from which on such a text's label is accepted; None if none is enough or needed."""
    typicality: float = 0.0
    """The z-score of the text's mean cosine with its neighbours, relative to texts that belonged; infinite for a near
    duplicate of an example."""

    @property
    def label(self) -> str:
        """Return the best label."""
        return self.candidates[0].label

    @property
    def confidence(self) -> float:
        """Return the probability of the best label (0 to 1)."""
        return self.candidates[0].probability

    @property
    def similarity(self) -> float:
        """Return the mean cosine with the nearest examples."""
        return float(np.mean([each.similarity for each in self.neighbours])) if self.neighbours else 0.0


@dataclass(frozen=True)
class Scope:
    """The region of texts that belong to some label: a lower limit for the sum of two z-scores, energy and nearness."""

    energy: tuple[float, float]
    """Mean and standard deviation over texts that belonged."""
    nearness: tuple[float, float]
    lowest: float

    def score(self, energy: Floats, nearness: Floats) -> Floats:
        """Return each text's sum of z-scores; a text below `lowest` is out of scope."""
        scores: Floats = (energy - self.energy[0]) / self.energy[1] + (nearness - self.nearness[0]) / self.nearness[1]
        return scores


@dataclass(frozen=True)
class WeightedThreshold:
    """The members' weights, and the threshold from which on their label is accepted."""

    weights: Vectors
    threshold: Threshold

    @property
    def can_accept(self) -> bool:
        """Return whether some confidence reaches the threshold."""
        return self.threshold.value < NEVER


@dataclass(frozen=True)
class TunedMember:
    """A fourth member with a fine-tuned encoder, and the calibration that holds for all four members."""

    encoder: str
    """The SHA-256 of that encoder's file."""
    model: "LinearModel"
    general: WeightedThreshold
    """Of all four members."""
    scope: Scope


@dataclass(frozen=True)
class Head:
    """A trained head. Immutable, so threads can share it."""

    version: str
    encoder: str
    labels: tuple[str, ...]
    vocabulary: "Vocabulary"
    ensemble: "Ensemble"
    general: WeightedThreshold
    """For texts that are not near duplicates of an example."""
    scope: Scope
    example_subjects: tuple[str, ...]
    """The subjects of the examples in the ensemble's memory."""
    examples: int = 0
    duplicates: WeightedThreshold | None = None
    """For near duplicates of an example; None if there were too few to calibrate."""
    tuned: TunedMember | None = None
    """Takes part only after `with_encoder`; all other fields hold without it."""
    tuned_encoder: "Encoder | None" = None
    trained: bool = field(default=True, init=False)

    def with_encoder(self, tuned_encoder: "Encoder") -> "Head":
        """Return this head with its tuned encoder, so that four members classify instead of three."""
        assert self.tuned is not None
        return replace(self, tuned_encoder=tuned_encoder, general=self.tuned.general, scope=self.tuned.scope)

    @property
    def can_accept(self) -> bool:
        """Return whether this head can accept a label for some kind of text."""
        return self.general.can_accept or (self.duplicates is not None and self.duplicates.can_accept)

    @cached_property
    def known(self) -> frozenset[str]:
        """The labels with at least MIN_EXAMPLES_OF_KNOWN_LABEL examples in the memory."""
        memory = self.ensemble.memory
        counts = np.bincount(memory.places[memory.label_texts :], minlength=len(self.labels))
        return frozenset(
            label for label, count in zip(self.labels, counts, strict=True) if count >= MIN_EXAMPLES_OF_KNOWN_LABEL
        )

    def classify(self, texts: Sequence[str], embeddings: Vectors) -> list[Classification]:
        """Return a classification per text, given the texts' vectors too."""
        if not texts:
            return []
        scores, near = self.scores(texts, embeddings)
        probabilities = softmax(scores)
        scope_scores = self.scope.score(energy(scores), near.mean)
        repeated = self._repeated(near)
        return [
            self._classification(
                probabilities[row], near.places[row], near.cosines[row], float(scope_scores[row]), bool(repeated[row])
            )
            for row in range(len(texts))
        ]

    def scores(self, texts: Sequence[str], embeddings: Vectors) -> tuple[Floats, "Near"]:
        """Return a row of scores per text, one per label (softmax gives probabilities), and the nearest examples."""
        memory = self.ensemble.memory
        cosines = memory.cosines(embeddings)
        three = self.ensemble.scores(self.vocabulary.rows(texts), embeddings, cosines)
        by_member = three
        if self.tuned_encoder is not None and self.tuned is not None:
            fourth = self.tuned.model.scores(self.tuned_encoder.embed(texts))
            by_member = np.concatenate([three, fourth[None]])
        scores: Floats = np.tensordot(self.general.weights, by_member, 1)
        near = nearest(cosines[:, memory.label_texts :])
        if self.duplicates is not None and (repeated := self._repeated(near)).any():
            scores[repeated] = np.tensordot(self.duplicates.weights, three[:, repeated], 1)
        return scores, near

    def _repeated(self, near: "Near") -> Bools:
        """Return which texts are classified as near duplicates of an example."""
        if self.duplicates is None:
            return np.zeros(len(near.cosines), bool)
        found: Bools = near.cosines[:, 0] >= NEAR_DUPLICATE
        return found

    def word_contributions(self, text: str, label: str, max_words: int = 8) -> list[tuple[str, float]]:
        """Return the words of a text with the largest contributions for or against a label, the largest first."""
        row = self.vocabulary.rows([text]).tocoo()
        of_label = self.ensemble.words.weights[self.labels.index(label)] * self.general.weights[0]
        words = self.vocabulary.words
        found = [
            (words[column], float(value * of_label[column]))
            for column, value in zip(row.col, row.data, strict=True)
            if column < len(words)
        ]
        return sorted(found, key=lambda each: -abs(each[1]))[:max_words]

    def _classification(
        self, probabilities: Floats, near: Places, cosines: Floats, scope_score: float, repeated: bool
    ) -> Classification:
        order = np.argsort(-probabilities, kind="stable")[:MAX_CANDIDATES]
        candidates = tuple(Candidate(self.labels[place], float(probabilities[place])) for place in order)
        memory = self.ensemble.memory
        neighbours = tuple(
            NearestExample(
                self.example_subjects[place],
                self.labels[memory.places[memory.label_texts + place]],
                float(cosine),
            )
            for place, cosine in zip(near, cosines, strict=True)
        )
        mean, spread = self.scope.nearness
        typicality = inf if cosines[0] >= NEAR_DUPLICATE else (float(cosines.mean()) - mean) / spread
        calibration = self.duplicates if repeated and self.duplicates is not None else self.general
        abstention_reason = _abstention_reason(
            candidates[0], calibration, in_scope=repeated or scope_score >= self.scope.lowest
        )
        threshold = calibration.threshold.value if calibration.can_accept else None
        return Classification(candidates, neighbours, abstention_reason, threshold, typicality)


def _abstention_reason(best: Candidate, calibration: WeightedThreshold, *, in_scope: bool) -> str:
    if not calibration.can_accept:
        return "the model was trained on too few different tickets to promise anything"
    if not in_scope:
        return "it resembles no ticket that the model was trained on"
    if best.probability < calibration.threshold.value:
        return f"{best.label} is {best.probability:.0%} likely, {calibration.threshold.value:.0%} would be enough"
    return ""


def energy(scores: Floats) -> Floats:
    """Return the negative free energy of rows of scores: low if no label fits (Liu et al., 2020)."""
    highest = scores.max(axis=1)
    found: Floats = highest + np.log(np.exp(scores - highest[:, None]).sum(axis=1))
    return found


@dataclass(frozen=True)
class Near:
    """The examples nearest to each text, nearest first."""

    places: Places
    cosines: Floats
    mean: Floats
    """The mean of each text's cosines."""


def nearest(cosines: Floats) -> Near:
    """Return the examples nearest to each text, given its cosine with each example."""
    size = cosines.shape[1]
    number = min(NEIGHBOURS, size)
    # The last ones of a partition are the largest; negating the cosines instead would copy all of them.
    found = np.argpartition(cosines, size - number, axis=1)[:, size - number :]
    values = np.take_along_axis(cosines, found, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return Near(
        np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1), values.mean(axis=1)
    )
