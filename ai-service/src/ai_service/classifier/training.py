"""From examples to a head: three members, weighed and calibrated on what they did not learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.classifier import features
from ai_service.classifier.ensemble import Ensemble, Places, fit
from ai_service.classifier.ensemble_calibration import calibrate
from ai_service.classifier.examples import Example, LabelInfo, data_version
from ai_service.classifier.head import CODE_VERSION, Head

MAX_EXAMPLES_KEPT = 4_000

Progress = Callable[[str], None]


class TrainingFailed(Exception):
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

    def learn(self, chosen: Any, seed: int) -> Ensemble:
        """Train on the chosen examples; what is known of the labels is always learnt from."""
        learnt = np.concatenate([np.arange(self.examples, len(self.places)), chosen])
        return fit(
            self.rows[learnt],
            self.embeddings[learnt],
            self.places[learnt],
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
    """Learn from examples that are `unique` and have labels of the list. Raises TrainingFailed.

    What is known of a label counts as an example of it, so every label can be chosen, also one that nobody used yet.
    """
    if len({each.label for each in examples}) < 2:
        raise TrainingFailed("people have used fewer than two labels so far")
    progress("reading the texts")
    names = tuple(sorted({each.name for each in labels}))
    material = Material.of(examples, labels, names, encoder)
    progress("calibrating")
    calibrated = calibrate(material, target_precision, seed)
    progress("learning")
    ensemble = material.learn(np.arange(len(examples)), seed)
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
