"""Fits the ensemble's weights, threshold and scope on texts that the members were not trained on.

There are two calibrations: one with near duplicates held out together, as for new texts, and one for near duplicates of
examples. A single one would be dominated by near duplicates and overconfident about all other texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_service.adapters.local.classifier.calibration import (
    NEVER,
    Floats,
    Threshold,
    softmax,
    stacking_weights,
    threshold,
)
from ai_service.adapters.local.classifier.ensemble import Places
from ai_service.adapters.local.classifier.head import Scope, WeightedThreshold, energy, nearest
from ai_service.adapters.local.classifier.near_duplicates import NEAR_DUPLICATE, Groups, groups, last_of_each_group

if TYPE_CHECKING:
    from ai_service.adapters.local.classifier.training import Material

FOLDS = 4
"""Each fold classifies the quarter that it was not trained on, so all examples calibrate. A fifth fold costs a sixth
more and changed accuracy by 0.1 points on two public sets."""
MIN_TEXTS_TO_CALIBRATE = 30
IN_SCOPE_SHARE = 0.99
"""Share of the texts that belong to a label and are in scope."""
UNCALIBRATED = (0.5, 0.1, 0.1)
"""The weights of words, meaning and neighbours if there are too few texts to fit them: lower than any fitted ones."""


@dataclass(frozen=True)
class EnsembleCalibration:
    """The calibration for texts in general and, if there are enough, for near duplicates of examples."""

    general: WeightedThreshold
    scope: Scope
    duplicates: WeightedThreshold | None


@dataclass(frozen=True)
class _Scored:
    """The scores of texts on which the members were not trained."""

    by_member: Floats
    """Expert × text × label."""
    places: Places
    nearness: Floats
    """The mean cosine with the nearest examples."""


def calibrate(material: "Material", target: float, seed: int) -> EnsembleCalibration:
    """Calibrate the ensemble by cross-validation for a target precision."""
    group = groups(material.embeddings[: material.examples])
    apart = np.zeros(material.examples, bool)
    # Each group counts once; otherwise one template could outweigh everything else.
    apart[last_of_each_group(group)] = True
    general, scope = _uncalibrated()
    if apart.sum() >= MIN_TEXTS_TO_CALIBRATE:
        scored = _concatenated([_score(material, *each, apart, seed) for each in _folds_of_groups(group, seed)])
        general, scope = fit_weights(scored.by_member, scored.places, scored.nearness, target)
    repeated = np.bincount(group)[group] > 1
    duplicates = None
    if repeated.sum() >= MIN_TEXTS_TO_CALIBRATE:
        near = [_score(material, *each, repeated, seed, near=True) for each in _folds(material.examples, seed)]
        scored = _concatenated(near)
        if len(scored.places) >= MIN_TEXTS_TO_CALIBRATE:
            duplicates, _ = fit_weights(scored.by_member, scored.places, scored.nearness, target)
    return EnsembleCalibration(general, scope, duplicates)


def fit_weights(by_member: Floats, truth: Places, nearness: Floats, target: float) -> tuple[WeightedThreshold, Scope]:
    """Return the members' weights with the threshold, and the scope.

    `by_member` is member × text × label, of texts that no member was trained on; `nearness` is each text's mean cosine
    with its nearest examples.
    """
    weights = stacking_weights(by_member, truth)
    found: Floats = np.tensordot(weights, by_member, 1)
    right = found.argmax(axis=1) == truth
    confidence = softmax(found).max(axis=1)
    weighted = WeightedThreshold(weights.astype(np.float32), threshold(confidence, right, target))
    return weighted, _scope(energy(found), nearness)


def _score(
    material: "Material", trained_on: Places, held_out: Places, wanted: Any, seed: int, *, near: bool = False
) -> _Scored:
    """Score the wanted held-out texts of an ensemble fitted to `trained_on`; `near`: only near duplicates of these."""
    scored = held_out[wanted[held_out]]
    ensemble = material.fit(trained_on, seed)
    memory, embeddings = ensemble.memory, material.embeddings[scored]
    cosines = memory.cosines(embeddings)
    nearby = nearest(cosines[:, memory.label_texts :])
    kept = nearby.cosines[:, 0] >= NEAR_DUPLICATE if near else np.ones(len(scored), bool)
    scores = ensemble.scores(material.rows[scored], embeddings, cosines)
    return _Scored(scores[:, kept], material.places[scored][kept], nearby.mean[kept])


def _concatenated(parts: list[_Scored]) -> _Scored:
    return _Scored(
        np.concatenate([each.by_member for each in parts], axis=1),
        np.concatenate([each.places for each in parts]),
        np.concatenate([each.nearness for each in parts]),
    )


def _folds(number: int, seed: int) -> Iterator[tuple[Places, Places]]:
    shuffled = np.random.default_rng(seed).permutation(number)
    for part in np.array_split(shuffled, min(FOLDS, number)):
        yield np.sort(np.setdiff1d(shuffled, part)), np.sort(part)


def _folds_of_groups(group: Groups, seed: int) -> Iterator[tuple[Places, Places]]:
    """Yield folds of similar size in which each group is entirely trained on or entirely held out."""
    sizes = np.bincount(group)
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    fold_of, filled = np.zeros(len(sizes), np.intp), np.zeros(FOLDS)
    for each in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[each] = filled.argmin()
        filled[fold_of[each]] += sizes[each]
    for fold in range(FOLDS):
        scored = fold_of[group] == fold
        yield np.flatnonzero(~scored), np.flatnonzero(scored)


def _uncalibrated() -> tuple[WeightedThreshold, Scope]:
    never = Threshold(NEVER, 0.0, 0.0)
    return WeightedThreshold(np.array(UNCALIBRATED, np.float32), never), Scope((0.0, 1.0), (0.0, 1.0), 0.0)


def _scope(energies: Floats, nearness: Floats) -> Scope:
    measured = Scope(_spread(energies), _spread(nearness), 0.0)
    lowest = float(np.quantile(measured.score(energies, nearness), 1.0 - IN_SCOPE_SHARE))
    return Scope(measured.energy, measured.nearness, lowest)


def _spread(values: Floats) -> tuple[float, float]:
    return float(values.mean()), max(float(values.std()), 1e-6)
