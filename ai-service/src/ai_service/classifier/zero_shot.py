"""The first day: nothing but the names and descriptions of the labels, and what their words mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.classifier.calibration import Floats, softmax
from ai_service.classifier.examples import LabelInfo
from ai_service.classifier.head import MAX_CANDIDATES, Candidate, Classification, Neighbour

SHARPNESS = 14.0
"""Turns cosines into probabilities."""
NEAR = 0.3
"""A text with a lower cosine to every label is none of theirs."""
CLEAR = 0.6
"""A label that is less likely is not believed. With both, of 23 meaningless or foreign texts two were taken for
something, and of 20 that belonged half were placed, all rightly (sentences of our own writing)."""
MIN_WORDS = 3
"""One or two words lie near to anything."""


MAX_LABEL_TEXT_CHARACTERS = 300

_BREAKS = re.compile(r"[,;.\n]|\band\b")


@dataclass(frozen=True)
class ZeroShotClassifier:
    """Judges by the nearest label. It has learnt nothing, so it promises nothing: its confidence stays modest."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    owners: tuple[int, ...]
    """For each text the place of its label."""
    memory: Vectors
    version: str = "cold"
    trained: bool = field(default=False, init=False)

    def classify(self, texts: Sequence[str], embeddings: Vectors) -> list[Classification]:
        """Judge texts, given their vectors too."""
        if not texts:
            return []
        cosines = embeddings @ self.memory.T
        best = np.full((len(texts), len(self.labels)), -1.0)
        for column, owner in enumerate(self.owners):
            best[:, owner] = np.maximum(best[:, owner], cosines[:, column])
        probabilities = softmax(best * SHARPNESS)
        return [self._classification(text, best[row], probabilities[row]) for row, text in enumerate(texts)]

    def _classification(self, text: str, cosines: Floats, probabilities: Floats) -> Classification:
        order = np.argsort(-probabilities, kind="stable")[:MAX_CANDIDATES]
        candidates = tuple(Candidate(self.labels[place], float(probabilities[place])) for place in order)
        nearest = float(cosines[order[0]])
        says_something = len(text.split()) >= MIN_WORDS
        clear = says_something and nearest >= NEAR and candidates[0].probability >= CLEAR
        doubt = "" if clear else "it resembles no department's name or description clearly"
        label = self.labels[order[0]]
        return Classification(candidates, (Neighbour(f"the description of {label}", label, nearest),), doubt)


def zero_shot_classifier(labels: Sequence[LabelInfo], encoder: Encoder) -> ZeroShotClassifier:
    """Make the head of a company of which only the labels are known; at least one."""
    texts, owners = [], []
    for place, label in enumerate(labels):
        # What stands between two commas is mostly a subject of its own, and nearer to a ticket than the whole list.
        subjects = (part.strip() for part in _BREAKS.split(label.description))
        for text in dict.fromkeys((label.spoken, label.text, *(part for part in subjects if part))):
            texts.append(text[:MAX_LABEL_TEXT_CHARACTERS])
            owners.append(place)
    return ZeroShotClassifier(tuple(each.name for each in labels), tuple(texts), tuple(owners), encoder.embed(texts))
