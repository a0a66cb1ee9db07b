"""How much each expert counts, and from when on they are relied on, found on what they did not learn from.

Twice: once with near duplicates held out together, which is how new texts are read, and once for near duplicates of
what was learnt. One calibration for both would rest on near duplicates and be far too sure of everything else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ai_service.classifier.calibration import NEVER, Floats, Threshold, mixture, softmax, threshold
from ai_service.classifier.experts import Places
from ai_service.classifier.head import Reliance, Scope, energy, nearest
from ai_service.classifier.near_duplicates import NEAR_DUPLICATE, Groups, groups, one_of_each

if TYPE_CHECKING:
    from ai_service.classifier.training import Material

FOLDS = 4
"""Four rounds, each of which judges the quarter that it did not learn from: all examples calibrate. A fifth round
costs a sixth more and moved accuracy by 0.1 points on two public sets."""
FEWEST_TO_CALIBRATE = 30
LET_IN = 0.99
"""Of the texts that belong, so many are taken for such."""
UNCALIBRATED = (0.5, 0.1, 0.1)
"""How much words, meaning and neighbours count where too few texts are there to find it: less than was ever found."""


@dataclass(frozen=True)
class Weighing:
    """What was found: for texts that resemble no learnt one closely, and for near duplicates, if these are enough."""

    others: Reliance
    scope: Scope
    duplicates: Reliance | None


@dataclass(frozen=True)
class _Judged:
    """Texts that were judged by experts who did not learn from them."""

    by_expert: Floats
    """Expert × text × label."""
    places: Places
    nearness: Floats
    """Mean cosine with the nearest examples."""


def calibrate(material: "Material", target: float, seed: int) -> Weighing:
    """Weigh the experts by rounds of learning and judging."""
    group = groups(material.embeddings[: material.examples])
    apart = np.zeros(material.examples, bool)
    # Each group counts once, or one template would outweigh everything else.
    apart[one_of_each(group)] = True
    others, scope = _uncalibrated()
    if apart.sum() >= FEWEST_TO_CALIBRATE:
        judged = _together([_judge(material, *each, apart, seed) for each in _folds_of_groups(group, seed)])
        others, scope = weigh(judged.by_expert, judged.places, judged.nearness, target)
    repeated = np.bincount(group)[group] > 1
    duplicates = None
    if repeated.sum() >= FEWEST_TO_CALIBRATE:
        near = [_judge(material, *each, repeated, seed, near=True) for each in _folds(material.examples, seed)]
        judged = _together(near)
        if len(judged.places) >= FEWEST_TO_CALIBRATE:
            duplicates, _ = weigh(judged.by_expert, judged.places, judged.nearness, target)
    return Weighing(others, scope, duplicates)


def weigh(by_expert: Floats, truth: Places, nearness: Floats, target: float) -> tuple[Reliance, Scope]:
    """Return how much each expert counts, from when on they are relied on, and what is none of theirs.

    `by_expert` is expert × text × label, of texts that none of them learnt from; `nearness` is theirs to the examples.
    """
    weights = mixture(by_expert, truth)
    found: Floats = np.tensordot(weights, by_expert, 1)
    right = found.argmax(axis=1) == truth
    confidence = softmax(found).max(axis=1)
    reliance = Reliance(weights.astype(np.float32), threshold(confidence, right, target))
    return reliance, _scope(energy(found), nearness)


def _judge(
    material: "Material", learnt: Places, held_out: Places, wanted: Any, seed: int, *, near: bool = False
) -> _Judged:
    """Judge the wanted ones of a part after learning from the others; `near`: near duplicates of these alone."""
    judged = held_out[wanted[held_out]]
    experts = material.learn(learnt, seed)
    memory, embeddings = experts.memory, material.embeddings[judged]
    cosines = memory.cosines(embeddings)
    nearby = nearest(cosines[:, memory.told :])
    kept = nearby.cosines[:, 0] >= NEAR_DUPLICATE if near else np.ones(len(judged), bool)
    scores = experts.scores(material.rows[judged], embeddings, cosines)
    return _Judged(scores[:, kept], material.places[judged][kept], nearby.mean[kept])


def _together(parts: list[_Judged]) -> _Judged:
    return _Judged(
        np.concatenate([each.by_expert for each in parts], axis=1),
        np.concatenate([each.places for each in parts]),
        np.concatenate([each.nearness for each in parts]),
    )


def _folds(number: int, seed: int) -> Iterator[tuple[Places, Places]]:
    shuffled = np.random.default_rng(seed).permutation(number)
    for part in np.array_split(shuffled, min(FOLDS, number)):
        yield np.sort(np.setdiff1d(shuffled, part)), np.sort(part)


def _folds_of_groups(group: Groups, seed: int) -> Iterator[tuple[Places, Places]]:
    """Yield rounds in which a whole group is either learnt from or judged; the parts are of about one size."""
    sizes = np.bincount(group)
    shuffled = np.random.default_rng(seed).permutation(len(sizes))
    fold_of, filled = np.zeros(len(sizes), np.intp), np.zeros(FOLDS)
    for each in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of[each] = filled.argmin()
        filled[fold_of[each]] += sizes[each]
    for fold in range(FOLDS):
        judged = fold_of[group] == fold
        yield np.flatnonzero(~judged), np.flatnonzero(judged)


def _uncalibrated() -> tuple[Reliance, Scope]:
    never = Threshold(NEVER, 0.0, 0.0)
    return Reliance(np.array(UNCALIBRATED, np.float32), never), Scope((0.0, 1.0), (0.0, 1.0), 0.0)


def _scope(energies: Floats, nearness: Floats) -> Scope:
    measured = Scope(_spread(energies), _spread(nearness), 0.0)
    lowest = float(np.quantile(measured.of(energies, nearness), 1.0 - LET_IN))
    return Scope(measured.energy, measured.nearness, lowest)


def _spread(values: Floats) -> tuple[float, float]:
    return float(values.mean()), max(float(values.std()), 1e-6)
