"""Trains a head: fits the members of the ensemble and calibrates them on examples they were not trained on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.adapters.local.classifier import features
from ai_service.adapters.local.classifier.ensemble import Ensemble, Places, fit
from ai_service.adapters.local.classifier.ensemble_calibration import calibrate
from ai_service.adapters.local.classifier.examples import Example, LabelInfo, data_version
from ai_service.adapters.local.classifier.head import CODE_VERSION, Head

MAX_EXAMPLES_KEPT = 4_000

Progress = Callable[[str], None]


class TrainingFailed(Exception):
    """There are too few examples or labels; the text says what is missing."""


@dataclass(frozen=True)
class Material:
    """Features of the examples, oldest first, followed by one text per label, which counts as an example of it."""

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
        """Compute the features; a label's index is that in `names`. Without a vocabulary one is fitted to the texts."""
        texts = [*(each.text for each in examples), *(each.text for each in labels)]
        if vocabulary is not None:
            rows = vocabulary.rows(texts)
        else:
            # IDF weights come from all texts, including those that calibrate; they reveal no label.
            vocabulary, rows = features.fit_vocabulary(texts)
        place = {name: number for number, name in enumerate(names)}
        truth = [*(each.label for each in examples), *(each.name for each in labels)]
        places = np.array([place[each] for each in truth], np.intp)
        return cls(texts, vocabulary, rows, encoder.embed(texts), places, len(examples))

    def fit(self, chosen: Any, seed: int) -> Ensemble:
        """Fit the ensemble to the chosen examples and all texts about labels."""
        trained_on = np.concatenate([np.arange(self.examples, len(self.places)), chosen])
        return fit(
            self.rows[trained_on],
            self.embeddings[trained_on],
            self.places[trained_on],
            label_texts=len(self.places) - self.examples,
            max_examples_kept=MAX_EXAMPLES_KEPT,
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
    """Train a head on examples that are `unique` and have labels of the list. Raises TrainingFailed.

    A label's name and description count as an example of it, so that a label which nobody used yet can be chosen, too.
    """
    if len({each.label for each in examples}) < 2:
        raise TrainingFailed("people have used fewer than two labels so far")
    progress("reading the texts")
    names = tuple(sorted({each.name for each in labels}))
    material = Material.of(examples, labels, names, encoder)
    progress("calibrating")
    calibrated = calibrate(material, target_precision, seed)
    progress("learning")
    ensemble = material.fit(np.arange(len(examples)), seed)
    return Head(
        version=f"{data_version(examples)}-{encoder.name[-12:]}-{CODE_VERSION}",
        encoder=encoder.name,
        labels=names,
        vocabulary=material.vocabulary,
        ensemble=ensemble,
        general=calibrated.general,
        scope=calibrated.scope,
        duplicates=calibrated.duplicates,
        example_subjects=tuple(each.subject for each in examples[-len(ensemble.memory.examples) :]),
        examples=len(examples),
    )
