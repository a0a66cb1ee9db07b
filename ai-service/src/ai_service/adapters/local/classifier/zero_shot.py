"""Zero-shot classification: compares a text with the names and descriptions of the labels, without any examples."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.adapters.local.classifier.calibration import Floats, softmax
from ai_service.adapters.local.classifier.examples import LabelInfo
from ai_service.adapters.local.classifier.head import MAX_CANDIDATES, Candidate, Classification, NearestExample

SHARPNESS = 14.0
"""Turns cosines into probabilities."""
MIN_COSINE = 0.3
"""A text with a lower cosine to every label belongs to none."""
MIN_PROBABILITY = 0.6
"""A less likely label is not accepted. With both limits two of 23 meaningless or foreign texts got a label, and half of
20 texts that belonged to one, all of these the right one (sentences that we wrote)."""
MIN_WORDS = 3
"""One or two words are close to any text."""
MAX_LABEL_TEXT_CHARACTERS = 300

_SEPARATORS = re.compile(r"[,;.\n]|\band\b")


@dataclass(frozen=True)
class ZeroShotClassifier:
    """Chooses the label with the nearest name or description. It guarantees no precision."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    owners: tuple[int, ...]
    """For each text the index of its label."""
    label_vectors: Vectors
    version: str = "cold"
    trained: bool = field(default=False, init=False)

    def classify(self, texts: Sequence[str], embeddings: Vectors) -> list[Classification]:
        """Return a classification per text, given the texts' vectors too."""
        if not texts:
            return []
        cosines = embeddings @ self.label_vectors.T
        best = np.full((len(texts), len(self.labels)), -1.0)
        for column, owner in enumerate(self.owners):
            best[:, owner] = np.maximum(best[:, owner], cosines[:, column])
        probabilities = softmax(best * SHARPNESS)
        return [self._classification(text, best[row], probabilities[row]) for row, text in enumerate(texts)]

    def _classification(self, text: str, cosines: Floats, probabilities: Floats) -> Classification:
        order = np.argsort(-probabilities, kind="stable")[:MAX_CANDIDATES]
        candidates = tuple(Candidate(self.labels[place], float(probabilities[place])) for place in order)
        nearest = float(cosines[order[0]])
        long_enough = len(text.split()) >= MIN_WORDS
        clear = long_enough and nearest >= MIN_COSINE and candidates[0].probability >= MIN_PROBABILITY
        reason = "" if clear else "it resembles no department's name or description clearly"
        label = self.labels[order[0]]
        return Classification(candidates, (NearestExample(f"the description of {label}", label, nearest),), reason)


def zero_shot_classifier(labels: Sequence[LabelInfo], encoder: Encoder) -> ZeroShotClassifier:
    """Return a classifier for labels with names and descriptions; at least one label."""
    texts, owners = [], []
    for place, label in enumerate(labels):
        # A part between two commas is mostly a separate subject, and closer to a ticket than the whole list.
        subjects = (part.strip() for part in _SEPARATORS.split(label.description))
        for text in dict.fromkeys((label.spoken, label.text, *(part for part in subjects if part))):
            texts.append(text[:MAX_LABEL_TEXT_CHARACTERS])
            owners.append(place)
    return ZeroShotClassifier(tuple(each.name for each in labels), tuple(texts), tuple(owners), encoder.embed(texts))
