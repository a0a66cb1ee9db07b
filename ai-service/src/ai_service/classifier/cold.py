"""The first day: nothing but the names and descriptions of the labels, and what their words mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.classifier.calibration import Floats, softmax
from ai_service.classifier.examples import LabelInfo
from ai_service.classifier.head import CANDIDATES, Candidate, Judgement, Neighbour

SHARPNESS = 14.0
"""Turns cosines into probabilities that were about right on the tickets they were tried with (docs/triage.md)."""
NEAR = 0.2
"""A text with a lower cosine to every label is none of theirs."""
CLEAR = 0.5
"""A label that is less likely is not believed: of meaningless texts none came higher."""


LONGEST_PART = 300

_BREAKS = re.compile(r"[,;.\n]|\band\b")


@dataclass(frozen=True)
class ColdHead:
    """Judges by the nearest label. It has learnt nothing, so it promises nothing: its confidence stays modest."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    owners: tuple[int, ...]
    """For each text the place of its label."""
    memory: Vectors
    version: str = "cold"
    trained: bool = field(default=False, init=False)

    def judge(self, texts: Sequence[str], embeddings: Vectors) -> list[Judgement]:
        """Judge texts, given their vectors too."""
        if not texts:
            return []
        cosines = embeddings @ self.memory.T
        best = np.full((len(texts), len(self.labels)), -1.0)
        for column, owner in enumerate(self.owners):
            best[:, owner] = np.maximum(best[:, owner], cosines[:, column])
        probabilities = softmax(best * SHARPNESS)
        return [self._judgement(best[row], probabilities[row]) for row in range(len(texts))]

    def _judgement(self, cosines: Floats, probabilities: Floats) -> Judgement:
        order = np.argsort(-probabilities, kind="stable")[:CANDIDATES]
        candidates = tuple(Candidate(self.labels[place], float(probabilities[place])) for place in order)
        nearest = float(cosines[order[0]])
        clear = nearest >= NEAR and candidates[0].probability >= CLEAR
        doubt = "" if clear else "it resembles no department's name or description clearly"
        label = self.labels[order[0]]
        return Judgement(candidates, (Neighbour(f"the description of {label}", label, nearest),), doubt)


def cold_start(labels: Sequence[LabelInfo], encoder: Encoder) -> ColdHead:
    """Make the head of a company of which only the labels are known; at least one."""
    texts, owners = [], []
    for place, label in enumerate(labels):
        # What stands between two commas is mostly a subject of its own, and nearer to a ticket than the whole list.
        subjects = (part.strip() for part in _BREAKS.split(label.description))
        for text in dict.fromkeys((label.name, label.text, *(part for part in subjects if part))):
            texts.append(text[:LONGEST_PART])
            owners.append(place)
    return ColdHead(tuple(each.name for each in labels), tuple(texts), tuple(owners), encoder.embed(texts))
