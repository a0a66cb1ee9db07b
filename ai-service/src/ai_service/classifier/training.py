"""From examples to a head: three experts, weighed and calibrated on what they did not learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.classifier import features
from ai_service.classifier.calibration import NEVER, Floats, Threshold, mixture, softmax, threshold
from ai_service.classifier.examples import Example, LabelInfo, data_version
from ai_service.classifier.experts import Experts, Places, fit
from ai_service.classifier.head import CODE_VERSION, Head, Scope, energy, nearest

FOLDS = 4
"""Four rounds, each of which judges the quarter that it did not learn from: all examples calibrate. A fifth round
costs a sixth more and moved accuracy by 0.1 points on two public sets."""
FEWEST_TO_CALIBRATE = 30
MEMORY = 4_000
LET_IN = 0.99
"""Of the texts that belong, so many are taken for such."""

Progress = Callable[[str], None]


class CantTrain(Exception):
    """There is not enough to learn from; the text says what is missing."""


@dataclass(frozen=True)
class Material:
    """Examples, oldest first, and behind them what is known of each label, which is an example of it too."""

    texts: list[str]
    vocabulary: features.Vocabulary
    rows: Any
    embeddings: Vectors
    places: Places
    examples: int

    @classmethod
    def of(
        cls,
        examples: Sequence[Example],
        labels: Sequence[LabelInfo],
        names: Sequence[str],
        encoder: Encoder,
        vocabulary: features.Vocabulary | None = None,
    ) -> "Material":
        """Read examples and labels; `names` says which place a label has. Without a vocabulary one is made of them."""
        texts = [*(each.text for each in examples), *(each.text for each in labels)]
        if vocabulary is not None:
            rows = vocabulary.rows(texts)
        else:
            # Words are weighed by how rare they are in all texts, also those that calibrate: no label is told by that.
            vocabulary, rows = features.learn(texts)
        place = {name: number for number, name in enumerate(names)}
        truth = [*(each.label for each in examples), *(each.name for each in labels)]
        places = np.array([place[each] for each in truth], np.intp)
        return cls(texts, vocabulary, rows, encoder.embed(texts), places, len(examples))

    def learn(self, chosen: Any, seed: int) -> Experts:
        """Train on the chosen examples; what is known of the labels is always learnt from."""
        learnt = np.concatenate([np.arange(self.examples, len(self.places)), chosen])
        return fit(
            self.rows[learnt],
            self.embeddings[learnt],
            self.places[learnt],
            told=len(self.places) - self.examples,
            remembered=MEMORY,
            seed=seed,
        )


def train(
    examples: Sequence[Example],
    labels: Sequence[LabelInfo],
    encoder: Encoder,
    *,
    target_precision: float = 0.9,
    progress: Progress = lambda _step: None,
    seed: int = 0,
) -> Head:
    """Learn from examples that are `unique` and have labels of the list. Raises CantTrain.

    What is known of a label counts as an example of it, so every label can be chosen, also one that nobody used yet.
    """
    if len({each.label for each in examples}) < 2:
        raise CantTrain("people have used fewer than two labels so far")
    progress("reading the texts")
    names = tuple(sorted({each.name for each in labels}))
    material = Material.of(examples, labels, names, encoder)
    progress("calibrating")
    weights, limit, scope = _calibrate(material, target_precision, seed)
    progress("learning")
    experts = material.learn(np.arange(len(examples)), seed)
    return Head(
        version=f"{data_version(examples)}-{encoder.name[-12:]}-{CODE_VERSION}",
        encoder=encoder.name,
        labels=names,
        vocabulary=material.vocabulary,
        experts=experts,
        mixture=weights.astype(np.float32),
        threshold=limit,
        scope=scope,
        memory_subjects=tuple(each.subject for each in examples[-len(experts.memory.examples) :]),
        examples=len(examples),
    )


def weigh(by_expert: Floats, truth: Places, nearness: Floats, target: float) -> tuple[Floats, Threshold, Scope]:
    """Return how much each expert counts, from when on they are believed, and what is none of theirs.

    `by_expert` is expert × text × label, of texts that none of them learnt from; `nearness` is theirs to the examples.
    """
    enough = len(truth) >= FEWEST_TO_CALIBRATE
    weights = mixture(by_expert, truth) if enough else np.full(len(by_expert), 1.0)
    found: Floats = np.tensordot(weights, by_expert, 1)
    right = found.argmax(axis=1) == truth
    confidence = softmax(found).max(axis=1)
    limit = threshold(confidence, right, target) if enough else Threshold(NEVER, 0.0, 0.0)
    return weights, limit, _scope(energy(found), nearness)


def _calibrate(material: Material, target: float, seed: int) -> tuple[Floats, Threshold, Scope]:
    scores, places, nearness = [], [], []
    for learnt, judged in _folds(material.examples, seed):
        experts = material.learn(learnt, seed)
        memory, embeddings = experts.memory, material.embeddings[judged]
        cosines = memory.cosines(embeddings)
        scores.append(experts.scores(material.rows[judged], embeddings, cosines))
        places.append(material.places[judged])
        nearness.append(nearest(cosines[:, memory.told :]).mean)
    return weigh(np.concatenate(scores, axis=1), np.concatenate(places), np.concatenate(nearness), target)


def _folds(number: int, seed: int) -> list[tuple[Any, Any]]:
    shuffled = np.random.default_rng(seed).permutation(number)
    parts = np.array_split(shuffled, min(FOLDS, number))
    return [(np.sort(np.setdiff1d(shuffled, part)), np.sort(part)) for part in parts]


def _scope(energies: Floats, nearness: Floats) -> Scope:
    measured = Scope(_spread(energies), _spread(nearness), 0.0)
    lowest = float(np.quantile(measured.of(energies, nearness), 1.0 - LET_IN))
    return Scope(measured.energy, measured.nearness, lowest)


def _spread(values: Floats) -> tuple[float, float]:
    return float(values.mean()), max(float(values.std()), 1e-6)
