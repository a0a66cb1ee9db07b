"""Evaluates a head on tickets that it was not trained on, and decides whether it may replace the serving one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import pi, sqrt
from typing import Any, Protocol

import numpy as np
from model_kit.encoder import Encoder, Vectors

from ai_service.adapters.local.classifier.calibration import expected_calibration_error, reliability
from ai_service.adapters.local.classifier.examples import Example
from ai_service.adapters.local.classifier.head import Classification

CURVE_POINTS = 20
F1_TOLERANCE = 0.005
"""The macro-F1 that a newer head may lose: the noise between two trainings has this size."""
MAX_CALIBRATION_ERROR = 0.03
MIN_EXAMPLES_FOR_CALIBRATION = 500
"""With fewer tickets the error's own noise exceeds the limit."""
MAX_RECALL_LOSS = 0.2
MIN_EXAMPLES_OF_LABEL = 10


class ScoredLabel(Protocol):
    """An answer of a classifier, or one that was recorded."""

    @property
    def label(self) -> str:
        """Return the chosen label."""

    @property
    def confidence(self) -> float:
        """Return the label's confidence (0 to 1)."""

    @property
    def abstention_reason(self) -> str:
        """Return why the label is not accepted; empty if it is."""


@dataclass(frozen=True)
class RecordedAnswer:
    """The answer that was given when a ticket arrived."""

    label: str
    confidence: float
    abstention_reason: str = ""


class Classifier(Protocol):
    """A head, trained or zero-shot."""

    def classify(self, texts: Sequence[str], embeddings: Vectors) -> list[Classification]:
        """Return a classification per text, given the texts' vectors."""


@dataclass(frozen=True)
class Evaluation:
    """LocalScores between 0 and 1, but for the counts."""

    examples: int
    accuracy: float
    macro_f1: float
    calibration_error: float
    accepted: float
    """The share of accepted answers: these tickets would be routed without a person."""
    precision: float
    """The share of accepted answers that are right."""
    recall: dict[str, float]
    support: dict[str, int]
    confusion: dict[str, dict[str, int]]
    """True label → chosen label → number."""
    reliability: list[tuple[float, float, float]]
    """Per bin its share, mean confidence and accuracy."""
    coverage: list[tuple[float, float]]
    """Share of the answers, the most confident first → their accuracy."""

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class PromotionCheck:
    """Whether the new head may serve; if not, the reasons."""

    ok: bool
    reasons: tuple[str, ...] = ()


def evaluate(head: Classifier, examples: Sequence[Example], encoder: Encoder) -> Evaluation:
    """Measure a head on examples that it was not trained on; at least one."""
    texts = [each.text for each in examples]
    judged = head.classify(texts, encoder.embed(texts))
    return measure([(each.label, found) for each, found in zip(examples, judged, strict=True)])


def measure(answers: Sequence[tuple[str, ScoredLabel]]) -> Evaluation:
    """Measure answers, each with the true label; at least one."""
    truth, chosen = [label for label, _ in answers], [each.label for _, each in answers]
    right = np.array([a == b for a, b in zip(truth, chosen, strict=True)])
    sure = np.array([each.confidence for _, each in answers])
    accepted = np.array([not each.abstention_reason for _, each in answers])
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
        accepted=float(accepted.mean()),
        precision=float(right[accepted].mean()) if accepted.any() else 0.0,
        recall=recall,
        support={label: sum(confusion[label].values()) for label in labels},
        confusion=confusion,
        reliability=reliability(sure, right),
        coverage=[(number / len(order), float(right[order[:number]].mean())) for number in shares],
    )


def check_promotion(
    new: Evaluation, serving: Evaluation | None, called: Mapping[str, str] | None = None
) -> PromotionCheck:
    """Decide whether a new head may serve, given both heads' figures on the same tickets.

    `called` maps labels whose names are numbers to display names.
    """
    reasons = []
    called = called or {}
    allowed = MAX_CALIBRATION_ERROR + _chance(new)
    if new.examples >= MIN_EXAMPLES_FOR_CALIBRATION and new.calibration_error > allowed:
        reasons.append(f"its confidence is off by {new.calibration_error:.3f}, where {allowed:.3f} is allowed")
    if serving is not None:
        if new.macro_f1 < serving.macro_f1 - F1_TOLERANCE:
            reasons.append(f"macro-F1 {new.macro_f1:.3f}, where the serving model has {serving.macro_f1:.3f}")
        for label, number in new.support.items():
            before, now = serving.recall.get(label, 0.0), new.recall[label]
            if number >= MIN_EXAMPLES_OF_LABEL and now < before - MAX_RECALL_LOSS:
                name = called.get(label, label)
                reasons.append(f"it finds {now:.0%} of {name}, where the serving model finds {before:.0%}")
    return PromotionCheck(not reasons, tuple(reasons))


def _chance(figures: Evaluation) -> float:
    """Return the expected calibration error of a perfectly calibrated head on as many tickets, by chance."""
    # The mean absolute deviation of a share, bin by bin, in the normal approximation.
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
