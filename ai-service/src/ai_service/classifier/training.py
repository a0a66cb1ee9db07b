"""From examples to a head: linear, over words and meaning, calibrated on what it did not learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.classifier import features
from ai_service.classifier.calibration import NEVER, Floats, Threshold, softmax, temperature, threshold
from ai_service.classifier.examples import Example, LabelInfo, data_version
from ai_service.classifier.head import CODE_VERSION, Head, Scope, energy, nearest

REGULARIZATION = 0.3
"""LinearSVC's C: what worked best on four public sets (docs/triage.md)."""
FOLDS = 5
MANY = 2_000
"""From so many examples on a tenth is kept to calibrate on; with fewer, five heads judge each other's tenths."""
FEWEST_TO_CALIBRATE = 30
MEMORY = 4_000
LET_IN = 0.98
"""Of the texts that belong, so many are taken for such."""

Progress = Callable[[str], None]


class CantTrain(Exception):
    """There is not enough to learn from; the text says what is missing."""


@dataclass(frozen=True)
class _Fit:
    vocabulary: features.Vocabulary
    weights: Vectors
    bias: Vectors
    labels: tuple[str, ...]

    def scores(self, texts: Sequence[str], embeddings: Vectors) -> Floats:
        scores: Floats = np.asarray(self.vocabulary.rows(texts, embeddings) @ self.weights.T) + self.bias
        return scores


def train(
    examples: Sequence[Example],
    labels: Sequence[LabelInfo],
    encoder: Encoder,
    *,
    target_precision: float = 0.9,
    progress: Progress = lambda _step: None,
    seed: int = 0,
) -> Head:
    """Learn from examples that are `unique`. Raises CantTrain.

    What is known of a label counts as an example of it, so every label can be chosen, also one that nobody used yet.
    """
    if len({each.label for each in examples}) < 2:
        raise CantTrain("people have used fewer than two labels so far")
    progress("reading the texts")
    texts = [each.text for each in examples]
    embeddings = encoder.embed(texts)
    told, about = [each.text for each in labels], encoder.embed([each.text for each in labels])
    truth = np.array([each.label for each in examples])
    names = np.array([each.name for each in labels])

    def fit(places: Any) -> _Fit:
        return _fit(
            [*(texts[place] for place in places), *told],
            np.concatenate([embeddings[places], about]),
            np.concatenate([truth[places], names]),
            seed,
        )

    progress("calibrating")
    factor, limit, scope = _calibrate(texts, embeddings, truth, fit, target_precision, seed)
    progress("learning")
    final = fit(np.arange(len(texts)))
    kept = np.arange(len(texts))[-MEMORY:]
    return Head(
        version=f"{data_version(examples)}-{encoder.name[-12:]}-{CODE_VERSION}",
        encoder=encoder.name,
        labels=final.labels,
        vocabulary=final.vocabulary,
        weights=final.weights,
        bias=final.bias,
        temperature=factor,
        threshold=limit,
        scope=scope,
        memory=embeddings[kept],
        memory_labels=tuple(str(truth[place]) for place in kept),
        memory_subjects=tuple(examples[place].subject for place in kept),
        examples=len(examples),
    )


def _fit(texts: Sequence[str], embeddings: Vectors, truth: Any, seed: int) -> _Fit:
    from sklearn.svm import LinearSVC

    vocabulary = features.learn(texts)
    model = LinearSVC(C=REGULARIZATION, random_state=seed).fit(vocabulary.rows(texts, embeddings), truth)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # One row says both: what speaks against the one speaks for the other.
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return _Fit(
        vocabulary, weights.astype(np.float32), bias.astype(np.float32), tuple(str(each) for each in model.classes_)
    )


def _calibrate(
    texts: Sequence[str],
    embeddings: Vectors,
    truth: Any,
    fit: Callable[[Any], _Fit],
    target: float,
    seed: int,
) -> tuple[float, Threshold, Scope]:
    scores, places, correct, near, labels = [], [], [], [], None
    for learnt, judged in _folds(len(texts), seed):
        part = fit(learnt)
        labels = part.labels
        found = part.scores([texts[place] for place in judged], embeddings[judged])
        scores.append(found)
        places.append(np.array([part.labels.index(str(each)) for each in truth[judged]]))
        correct.append(found.argmax(axis=1) == places[-1])
        near.append(nearest(embeddings[learnt], embeddings[judged])[1])
    assert labels is not None
    rows, right, nearness = np.concatenate(scores), np.concatenate(correct), np.concatenate(near)
    factor = temperature(rows, np.concatenate(places)) if len(right) >= FEWEST_TO_CALIBRATE else 1.0
    confidence = softmax(rows * factor).max(axis=1)
    enough = len(right) >= FEWEST_TO_CALIBRATE
    limit = threshold(confidence, right, target) if enough else Threshold(NEVER, 0.0, 0.0)
    return factor, limit, _scope(energy(rows * factor), nearness)


def _folds(number: int, seed: int) -> list[tuple[Any, Any]]:
    if number >= MANY:
        border = number - number // 10
        return [(np.arange(border), np.arange(border, number))]
    shuffled = np.random.default_rng(seed).permutation(number)
    parts = np.array_split(shuffled, min(FOLDS, number))
    return [(np.sort(np.setdiff1d(shuffled, part)), np.sort(part)) for part in parts]


def _scope(energies: Floats, nearness: Floats) -> Scope:
    measured = Scope(_spread(energies), _spread(nearness), 0.0)
    lowest = float(np.quantile(measured.of(energies, nearness), 1.0 - LET_IN))
    return Scope(measured.energy, measured.nearness, lowest)


def _spread(values: Floats) -> tuple[float, float]:
    return float(values.mean()), max(float(values.std()), 1e-6)
