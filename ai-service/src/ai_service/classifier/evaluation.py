"""How good a head is on tickets it did not learn from, and whether it may replace the one that serves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import pi, sqrt
from typing import Any, Protocol

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.classifier.calibration import expected_calibration_error, reliability
from ai_service.classifier.examples import Example
from ai_service.classifier.head import Judgement

CURVE_POINTS = 20
F1_TOLERANCE = 0.005
"""So much macro-F1 may be lost to a newer head: noise between two trainings is of this size."""
CALIBRATED = 0.03
ENOUGH_FOR_CALIBRATION = 500
"""With fewer tickets the error's own noise is larger than the limit."""
RECALL_LOSS = 0.2
ENOUGH_OF_A_CLASS = 10


class Answered(Protocol):
    """An answer, however it was come by."""

    @property
    def label(self) -> str:
        """Return the label that was chosen."""

    @property
    def confidence(self) -> float:
        """Return how sure that was (0 to 1)."""

    @property
    def doubt(self) -> str:
        """Return why it is not believed; empty where it is."""


@dataclass(frozen=True)
class Said:
    """What was said about a ticket when it came."""

    label: str
    confidence: float
    doubt: str = ""


class Judge(Protocol):
    """A head, trained or cold."""

    def judge(self, texts: Sequence[str], embeddings: Vectors) -> list[Judgement]:
        """Judge texts."""


@dataclass(frozen=True)
class Evaluation:
    """Figures between 0 and 1, but for the counts."""

    examples: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    believed: float
    """Share of the tickets that would have been routed without a person."""
    precision: float
    """Share of these that were right."""
    recall: dict[str, float]
    support: dict[str, int]
    confusion: dict[str, dict[str, int]]
    """True label → chosen label → number."""
    reliability: list[tuple[float, float, float]]
    """Per bin its share, mean confidence and accuracy."""
    coverage: list[tuple[float, float]]
    """Share that is answered → accuracy there, the surest first."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Verdict:
    """May the new head serve, and why not."""

    ok: bool
    reasons: tuple[str, ...] = ()


def evaluate(head: Judge, examples: Sequence[Example], encoder: Encoder) -> Evaluation:
    """Measure a head on examples that it did not learn from; at least one."""
    texts = [each.text for each in examples]
    judged = head.judge(texts, encoder.embed(texts))
    return measure([(each.label, found) for each, found in zip(examples, judged, strict=True)])


def measure(answers: Sequence[tuple[str, Answered]]) -> Evaluation:
    """Measure answers, each with the true label; at least one."""
    truth, chosen = [label for label, _ in answers], [each.label for _, each in answers]
    right = np.array([a == b for a, b in zip(truth, chosen, strict=True)])
    sure = np.array([each.confidence for _, each in answers])
    believed = np.array([not each.doubt for _, each in answers])
    labels = sorted(set(truth) | set(chosen))
    confusion: dict[str, dict[str, int]] = {label: {} for label in labels}
    for a, b in zip(truth, chosen, strict=True):
        confusion[a][b] = confusion[a].get(b, 0) + 1
    recall, f1 = _per_label(confusion, labels)
    order = np.argsort(-sure, kind="stable")
    shares = [max(round(len(order) * point / CURVE_POINTS), 1) for point in range(1, CURVE_POINTS + 1)]
    return Evaluation(
        examples=len(answers),
        accuracy=float(right.mean()),
        macro_f1=float(np.mean([f1[label] for label in labels if label in set(truth)])),
        calibration_error=expected_calibration_error(sure, right),
        believed=float(believed.mean()),
        precision=float(right[believed].mean()) if believed.any() else 0.0,
        recall=recall,
        support={label: sum(confusion[label].values()) for label in labels},
        confusion=confusion,
        reliability=reliability(sure, right),
        coverage=[(number / len(order), float(right[order[:number]].mean())) for number in shares],
    )


def verdict(new: Evaluation, serving: Evaluation | None, called: Mapping[str, str] | None = None) -> Verdict:
    """Say whether a new head may serve, given both heads' figures on the same tickets.

    `called` says what people call labels whose names are numbers.
    """
    reasons = []
    called = called or {}
    allowed = CALIBRATED + _chance(new)
    if new.examples >= ENOUGH_FOR_CALIBRATION and new.calibration_error > allowed:
        reasons.append(f"its confidence is off by {new.calibration_error:.3f}, where {allowed:.3f} is allowed")
    if serving is not None:
        if new.macro_f1 < serving.macro_f1 - F1_TOLERANCE:
            reasons.append(f"macro-F1 {new.macro_f1:.3f}, where the serving model has {serving.macro_f1:.3f}")
        for label, number in new.support.items():
            before, now = serving.recall.get(label, 0.0), new.recall[label]
            if number >= ENOUGH_OF_A_CLASS and now < before - RECALL_LOSS:
                name = called.get(label, label)
                reasons.append(f"it finds {now:.0%} of {name}, where the serving model finds {before:.0%}")
    return Verdict(not reasons, tuple(reasons))


def _chance(figures: Evaluation) -> float:
    """Return the calibration error that a perfectly calibrated head would show on so many tickets by chance."""
    # The mean distance of a share from its expectation, bin by bin, as of a normal distribution.
    return sum(
        share * sqrt(2 / pi * sure * (1 - sure) / (share * figures.examples))
        for share, sure, _ in figures.reliability
        if sure < 1
    )


def _per_label(
    confusion: dict[str, dict[str, int]], labels: Sequence[str]
) -> tuple[dict[str, float], dict[str, float]]:
    recall, f1 = {}, {}
    for label in labels:
        right = confusion[label].get(label, 0)
        number, chosen = sum(confusion[label].values()), sum(row.get(label, 0) for row in confusion.values())
        recall[label] = right / number if number else 0.0
        f1[label] = 2 * right / (number + chosen) if number + chosen else 0.0
    return recall, f1
