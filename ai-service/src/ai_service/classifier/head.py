"""What decides: a linear head over words and meaning, which knows how sure it may be and when a text is none of its."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.classifier.calibration import Floats, Threshold, softmax

if TYPE_CHECKING:
    from ai_service.classifier.features import Vocabulary

Places = NDArray[np.intp]

CODE_VERSION = "1"
"""Changes when the same examples would make another head."""
NEIGHBOURS = 5
CANDIDATES = 5


@dataclass(frozen=True)
class Candidate:
    """A label and how likely it is (0 to 1)."""

    label: str
    probability: float


@dataclass(frozen=True)
class Neighbour:
    """An example near to a text; `similarity` is a cosine."""

    subject: str
    label: str
    similarity: float


@dataclass(frozen=True)
class Judgement:
    """What a head says about a text: always its best label, and why that is not believed where it isn't."""

    candidates: tuple[Candidate, ...]
    neighbours: tuple[Neighbour, ...]
    doubt: str = ""
    """Why a person should decide; empty where the best label is believed."""

    @property
    def label(self) -> str:
        """Return the best label."""
        return self.candidates[0].label

    @property
    def confidence(self) -> float:
        """Return how likely the best label is (0 to 1)."""
        return self.candidates[0].probability

    @property
    def similarity(self) -> float:
        """Return the mean cosine with the nearest examples."""
        return float(np.mean([each.similarity for each in self.neighbours])) if self.neighbours else 0.0


@dataclass(frozen=True)
class Scope:
    """How far from all examples a text may lie: `lowest` of energy and nearness, each measured in its spread."""

    energy: tuple[float, float]
    """Mean and spread over texts that belonged."""
    nearness: tuple[float, float]
    lowest: float

    def of(self, energy: Floats, nearness: Floats) -> Floats:
        """Return how much each text belongs; below `lowest` it doesn't."""
        belongs: Floats = (energy - self.energy[0]) / self.energy[1] + (nearness - self.nearness[0]) / self.nearness[1]
        return belongs


@dataclass(frozen=True)
class Head:
    """A trained head. Immutable, so threads share it."""

    version: str
    encoder: str
    labels: tuple[str, ...]
    vocabulary: "Vocabulary"
    weights: Vectors
    """One row per label."""
    bias: Vectors
    temperature: float
    threshold: Threshold
    scope: Scope
    memory: Vectors
    """The examples' vectors."""
    memory_labels: tuple[str, ...]
    memory_subjects: tuple[str, ...]
    examples: int = 0
    trained: bool = field(default=True, init=False)

    def judge(self, texts: Sequence[str], embeddings: Vectors) -> list[Judgement]:
        """Judge texts, given their vectors too."""
        if not texts:
            return []
        scores = self.scores(texts, embeddings)
        probabilities = softmax(scores * self.temperature)
        near, nearness = nearest(self.memory, embeddings)
        belongs = self.scope.of(energy(scores * self.temperature), nearness)
        return [
            self._judgement(probabilities[row], near[row], embeddings[row], float(belongs[row]))
            for row in range(len(texts))
        ]

    def scores(self, texts: Sequence[str], embeddings: Vectors) -> Floats:
        """Return a row of scores per text, one per label."""
        rows = self.vocabulary.rows(texts, embeddings)
        scores: Floats = np.asarray(rows @ self.weights.T) + self.bias
        return scores

    def words_for(self, text: str, embedding: Vectors, label: str, most: int = 8) -> list[tuple[str, float]]:
        """Return the words of a text that spoke most for or against a label, with their weights, strongest first."""
        row = self.vocabulary.rows([text], embedding[None, :]).tocoo()
        of_label = self.weights[self.labels.index(label)]
        words = self.vocabulary.words
        found = [
            (words[column], float(value * of_label[column]))
            for column, value in zip(row.col, row.data, strict=True)
            if column < len(words)
        ]
        return sorted(found, key=lambda each: -abs(each[1]))[:most]

    def _judgement(self, probabilities: Floats, near: Places, embedding: Vectors, belongs: float) -> Judgement:
        order = np.argsort(-probabilities, kind="stable")[:CANDIDATES]
        candidates = tuple(Candidate(self.labels[place], float(probabilities[place])) for place in order)
        neighbours = tuple(
            Neighbour(self.memory_subjects[place], self.memory_labels[place], float(self.memory[place] @ embedding))
            for place in near
        )
        return Judgement(candidates, neighbours, self._doubt(candidates[0], belongs))

    def _doubt(self, best: Candidate, belongs: float) -> str:
        if belongs < self.scope.lowest:
            return "it resembles no ticket that was learnt from"
        if best.probability < self.threshold.value:
            if self.threshold.value > 1:
                return "too few tickets were learnt from to promise anything"
            return f"{best.label} is {best.probability:.0%} likely, {self.threshold.value:.0%} would be enough"
        return ""


def energy(scores: Floats) -> Floats:
    """Return the free energy of rows of scores, its sign turned: low where no label fits (Liu et al., 2020)."""
    most = scores.max(axis=1)
    found: Floats = most + np.log(np.exp(scores - most[:, None]).sum(axis=1))
    return found


def nearest(memory: Vectors, embeddings: Vectors) -> tuple[Places, Floats]:
    """Return the places of the nearest examples of each text, nearest first, and their mean cosine."""
    cosines = embeddings @ memory.T
    most = min(NEIGHBOURS, len(memory))
    found = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
    values = np.take_along_axis(cosines, found, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1), values.mean(axis=1)
