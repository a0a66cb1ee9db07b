"""What decides: three experts and their weights, which know how sure they may be and when a text is none of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from model_kit.encoder import Vectors
from numpy.typing import NDArray

from ai_service.classifier.calibration import NEVER, Bools, Floats, Threshold, softmax
from ai_service.classifier.near_duplicates import NEAR_DUPLICATE

if TYPE_CHECKING:
    from model_kit.encoder import Encoder

    from ai_service.classifier.experts import Experts, Linear
    from ai_service.classifier.features import Vocabulary

Places = NDArray[np.intp]

CODE_VERSION = "4"
"""Changes when the same examples would make another head."""
NEIGHBOURS = 5
CANDIDATES = 5
FEWEST_KNOWN = 10
"""With fewer examples of a label than these a head knows little of it."""


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
    """Why the best label is not relied on; empty where it is."""
    threshold: float | None = None
    """The confidence that such a text asks for; None where none would be enough, or none is asked for."""
    usual: float = 0.0
    """How near the text lies to what was learnt, in standard deviations from the mean of the learnt texts; infinite for
    a near duplicate."""

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
class Reliance:
    """How much each expert counts, and from when on their judgement is relied on."""

    mixture: Vectors
    threshold: Threshold

    @property
    def promises(self) -> bool:
        """Tell whether any confidence is enough."""
        return self.threshold.value < NEVER


@dataclass(frozen=True)
class TunedExpert:
    """A fourth expert, which reads with an encoder of its own, and what holds where it has its say."""

    encoder: str
    """The SHA-256 of that encoder's file."""
    expert: "Linear"
    others: Reliance
    """Of all four."""
    scope: Scope


@dataclass(frozen=True)
class Head:
    """A trained head. Immutable, so threads share it."""

    version: str
    encoder: str
    labels: tuple[str, ...]
    vocabulary: "Vocabulary"
    experts: "Experts"
    others: Reliance
    """For texts that are no near duplicates of what was learnt."""
    scope: Scope
    memory_subjects: tuple[str, ...]
    """Which examples the experts' memory holds."""
    examples: int = 0
    duplicates: Reliance | None = None
    """For near duplicates of what was learnt; None where there were too few to find it."""
    tuned: TunedExpert | None = None
    """Has its say only where its encoder was given by `reading`; all else here holds without it."""
    reader: "Encoder | None" = None
    trained: bool = field(default=True, init=False)

    def reading(self, reader: "Encoder") -> "Head":
        """Return this head with its tuned encoder, with which four experts judge instead of three."""
        assert self.tuned is not None
        return replace(self, reader=reader, others=self.tuned.others, scope=self.tuned.scope)

    @property
    def promises(self) -> bool:
        """Tell whether there are texts of which this head is relied on."""
        return self.others.promises or (self.duplicates is not None and self.duplicates.promises)

    @cached_property
    def known(self) -> frozenset[str]:
        """The labels of which enough examples are remembered; of the others little more than the name is known."""
        memory = self.experts.memory
        counts = np.bincount(memory.places[memory.told :], minlength=len(self.labels))
        return frozenset(label for label, count in zip(self.labels, counts, strict=True) if count >= FEWEST_KNOWN)

    def judge(self, texts: Sequence[str], embeddings: Vectors) -> list[Judgement]:
        """Judge texts, given their vectors too."""
        if not texts:
            return []
        scores, near = self.scores(texts, embeddings)
        probabilities = softmax(scores)
        belongs = self.scope.of(energy(scores), near.mean)
        repeated = self._repeated(near)
        return [
            self._judgement(
                probabilities[row], near.places[row], near.cosines[row], float(belongs[row]), bool(repeated[row])
            )
            for row in range(len(texts))
        ]

    def scores(self, texts: Sequence[str], embeddings: Vectors) -> tuple[Floats, "Near"]:
        """Return a row of scores per text, one per label, whose softmax says how likely each is; and what is near."""
        memory = self.experts.memory
        cosines = memory.cosines(embeddings)
        three = self.experts.scores(self.vocabulary.rows(texts), embeddings, cosines)
        by_expert = three
        if self.reader is not None and self.tuned is not None:
            fourth = self.tuned.expert.scores(self.reader.embed(texts))
            by_expert = np.concatenate([three, fourth[None]])
        scores: Floats = np.tensordot(self.others.mixture, by_expert, 1)
        near = nearest(cosines[:, memory.told :])
        if self.duplicates is not None and (repeated := self._repeated(near)).any():
            scores[repeated] = np.tensordot(self.duplicates.mixture, three[:, repeated], 1)
        return scores, near

    def _repeated(self, near: "Near") -> Bools:
        """Tell which texts are judged as near duplicates of what was learnt."""
        if self.duplicates is None:
            return np.zeros(len(near.cosines), bool)
        found: Bools = near.cosines[:, 0] >= NEAR_DUPLICATE
        return found

    def words_for(self, text: str, label: str, most: int = 8) -> list[tuple[str, float]]:
        """Return the words of a text that spoke most for or against a label, with their weights, strongest first."""
        row = self.vocabulary.rows([text]).tocoo()
        of_label = self.experts.words.weights[self.labels.index(label)] * self.others.mixture[0]
        words = self.vocabulary.words
        found = [
            (words[column], float(value * of_label[column]))
            for column, value in zip(row.col, row.data, strict=True)
            if column < len(words)
        ]
        return sorted(found, key=lambda each: -abs(each[1]))[:most]

    def _judgement(
        self, probabilities: Floats, near: Places, cosines: Floats, belongs: float, repeated: bool
    ) -> Judgement:
        order = np.argsort(-probabilities, kind="stable")[:CANDIDATES]
        candidates = tuple(Candidate(self.labels[place], float(probabilities[place])) for place in order)
        memory = self.experts.memory
        neighbours = tuple(
            Neighbour(
                self.memory_subjects[place],
                self.labels[memory.places[memory.told + place]],
                float(cosine),
            )
            for place, cosine in zip(near, cosines, strict=True)
        )
        mean, spread = self.scope.nearness
        usual = inf if cosines[0] >= NEAR_DUPLICATE else (float(cosines.mean()) - mean) / spread
        reliance = self.duplicates if repeated and self.duplicates is not None else self.others
        doubt = _doubt(candidates[0], reliance, in_scope=repeated or belongs >= self.scope.lowest)
        threshold = reliance.threshold.value if reliance.promises else None
        return Judgement(candidates, neighbours, doubt, threshold, usual)


def _doubt(best: Candidate, reliance: Reliance, *, in_scope: bool) -> str:
    if not reliance.promises:
        return "too few different tickets were learnt from to promise anything"
    if not in_scope:
        return "it resembles no ticket that was learnt from"
    if best.probability < reliance.threshold.value:
        return f"{best.label} is {best.probability:.0%} likely, {reliance.threshold.value:.0%} would be enough"
    return ""


def energy(scores: Floats) -> Floats:
    """Return the free energy of rows of scores, its sign turned: low where no label fits (Liu et al., 2020)."""
    most = scores.max(axis=1)
    found: Floats = most + np.log(np.exp(scores - most[:, None]).sum(axis=1))
    return found


@dataclass(frozen=True)
class Near:
    """The examples nearest to each text, nearest first."""

    places: Places
    cosines: Floats
    mean: Floats
    """Of each text's cosines."""


def nearest(cosines: Floats) -> Near:
    """Return what is nearest to each text, given its cosine with each example."""
    size = cosines.shape[1]
    most = min(NEIGHBOURS, size)
    # The last ones of a partition are the largest; turning the signs around instead would copy all of them.
    found = np.argpartition(cosines, size - most, axis=1)[:, size - most :]
    values = np.take_along_axis(cosines, found, axis=1)
    order = np.argsort(-values, axis=1, kind="stable")
    return Near(
        np.take_along_axis(found, order, axis=1), np.take_along_axis(values, order, axis=1), values.mean(axis=1)
    )
