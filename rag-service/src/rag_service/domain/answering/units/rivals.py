"""Compares each text with its strongest rival: one that hardly leads answers less surely than its probability says.

A model knows a unit by its own features. Two neighbours, such as rules for two deadlines, may both look likely, and a
sentence in other words than the question's unlikely, though nothing else comes near it. Both show in the comparison.
Rows are rivals only: of alike rows one leads by the name that the question gives, also where it lacks what is asked.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.unit_model import UnitModel

MAX_LOGIT = 8.0
Features = tuple[float, ...]


def compared(found: Sequence[FoundUnit], model: UnitModel) -> list[FoundUnit]:
    """Return the units, likeliest first, with their probabilities after the comparison.

    Rows and units whose form makes them answer keep theirs, and so do all if the model was not taught to compare.
    """
    if not model.compares:
        return list(found)
    places = [place for place, each in enumerate(found) if is_comparable(each)]
    units = list(found)
    compare = model.comparison is not None and model.comparison.scores
    taken = [found[place] for place in places]
    for place, features in zip(places, score_features(taken) if compare else lead_features(taken), strict=True):
        each = found[place]
        if each.unit.unit.kind != "row":
            probability = model.compared_probability(features)
            units[place] = replace(each, unit=replace(each.unit, probability=probability, alone=each.probability))
    return sorted(units, key=lambda each: -each.probability)


def is_comparable(found: FoundUnit) -> bool:
    """Return whether a unit has a cosine to compare, and holds what the question names."""
    return found.unit.named and found.unit.cosine is not None


def lead_features(found: Sequence[FoundUnit]) -> list[Features]:
    """Return for each unit the logit of its probability, its cosine, and by how much both lead the best rival's.

    A rival says something else: neither is a part of the other. A unit without a rival leads by nothing.
    """
    logits, cosines = [_logit(each.probability) for each in found], [each.unit.cosine or 0.0 for each in found]
    features: list[Features] = []
    for place, rivals in enumerate(_rivals(found)):
        logit, cosine = logits[place], cosines[place]
        best_logit = max((logits[other] for other in rivals), default=logit)
        best_cosine = max((cosines[other] for other in rivals), default=cosine)
        features.append((logit, logit - best_logit, cosine, cosine - best_cosine))
    return features


def score_features(found: Sequence[FoundUnit]) -> list[Features]:
    """Return the same for each unit, and its score with how far that leads the best rival's.

    A unit without a score has the least one of the others.
    """
    read = [each.unit.score for each in found if each.unit.score is not None]
    least = min(read, default=0.0)
    scores = [least if each.unit.score is None else each.unit.score for each in found]
    leads = [score - max((scores[other] for other in rivals), default=score)
             for score, rivals in zip(scores, _rivals(found), strict=True)]  # fmt: skip
    return [(*each, *more) for each, *more in zip(lead_features(found), scores, leads, strict=True)]


def cosine_leads(found: Sequence[FoundUnit]) -> list[float]:
    """Return for each unit by how much its cosine leads the best rival's."""
    return [lead for *_, lead in lead_features(found)]


def _rivals(found: Sequence[FoundUnit]) -> list[list[int]]:
    texts = [each.quoted for each in found]
    return [[other for other, theirs in enumerate(texts) if text not in theirs and theirs not in text]
            for text in texts]  # fmt: skip


def _logit(probability: float) -> float:
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return max(-MAX_LOGIT, min(MAX_LOGIT, math.log(inside / (1 - inside))))
