"""Teach which row, stored answer or sentence answers, and write the weights: `python -m benchmarks.answer_units`

Taught on made-up documents (`benchmarks.probes`, the half at hand), and on the real files and CLAPNQ of BENCH_DATA.
Folds keep the questions of one document together; threshold and calibration come from questions that were held out.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from model_kit.encoder import OnnxEncoder
from numpy.typing import NDArray
from rag_service.domain.answering import unit_model
from rag_service.domain.answering.search_query import search_query
from rag_service.domain.answering.unit_features import IDENTIFIED, NAMES, Described, describe
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import read_passages
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from benchmarks.answer_sets import alone
from benchmarks.company import ENCODER, Company, KeptVectors
from benchmarks.judging import holds
from benchmarks.probes.corpus import probes
from benchmarks.probes.model import File, Question
from benchmarks.real_documents import real

SEEDS = (0, 1)
PARTS = ("row", "named_row", "text")
FOLDS = 8
STRENGTH = 0.3
WEIGHT = {"probes": 1.0, "real": 3.0, "clapnq": 0.5}
"""Of a question: those on real files are few, and those of CLAPNQ are asked of an encyclopedia."""
CLAPNQ_QUESTIONS = 120
"""Of each half, answerable or not."""
MIN_DEVIATION = 0.02
WRONG_COSTS = 2.0
"""How many unanswered questions a wrong answer is worth."""
BINS = 12
THRESHOLDS = np.arange(0.4, 0.71, 0.05)
"""None below .4: real handbooks are harder than the made-up files that most of the questions are about."""

Numbers = NDArray[np.float64]
Label = Callable[[Passage, str, str, str], bool]
"""Takes a passage, a unit's kind, its core and what is quoted of it; returns whether that answers."""


@dataclass(frozen=True)
class Units:
    """The units of what was found for a question, and which of them answer."""

    of_set: str
    document: str
    answerable: bool
    features: Numbers
    part: NDArray[np.str_]
    """Which part of the model decides about each unit."""
    answers: NDArray[np.bool_]


@dataclass(frozen=True)
class Fitted:
    """A logistic regression on standardised features."""

    means: Numbers
    deviations: Numbers
    weights: Numbers
    bias: float

    def probabilities(self, features: Numbers) -> Numbers:
        """Return the probability of each unit."""
        scaled = np.clip((features - self.means) / self.deviations, -4, 4) @ self.weights + self.bias
        return 1 / (1 + np.exp(-np.clip(scaled, -30, 30)))


def units_of(
    of_set: str,
    document: str,
    question: str,
    passages: Sequence[Passage],
    encoder: Any,
    label: Label,
    *,
    answerable: bool,
) -> Units:
    """Return the described units of passages in the order of their retrieval."""
    read, columns = read_passages(question, passages, encoder.embed)
    features: list[tuple[float, ...]] = []
    parts: list[str] = []
    answers: list[bool] = []
    for one, described in zip(read, describe(question, read, columns), strict=True):
        for each in described:
            if each.named:
                quoted = " ".join(one.sentences[index].shown for index in each.unit.quoted)
                features.append(each.features)
                parts.append(_part(each))
                answers.append(
                    answerable and label(one.passage, each.unit.kind, one.sentences[each.unit.core].shown, quoted)
                )
    shaped = np.array(features, float).reshape(len(features), len(NAMES))
    return Units(of_set, document, answerable, shaped, np.array(parts, str), np.array(answers, bool))


def _part(described: Described) -> str:
    if described.unit.kind != "row":
        return "text"
    return "named_row" if described.features[IDENTIFIED] else "row"


def asked(of_set: str, files: Sequence[File], questions: Sequence[Question], encoder: KeptVectors) -> Iterator[Units]:
    """Yield the units of what a company with these files finds for each question."""
    company = Company(files, encoder, lambda text: print(f"{of_set}: {text}", file=sys.stderr))
    try:
        for question in questions:
            if question.turns:
                continue
            text = search_query(question.text)
            found = company.retrieved(text)
            yield units_of(
                of_set, f"{of_set} {question.file}", text, found, encoder, _label(question),
                answerable=not question.unanswerable,
            )  # fmt: skip
    finally:
        encoder.keep()
        company.close()


def _label(question: Question) -> Label:
    parts = question.expected.split(" + ")

    def answers(passage: Passage, kind: str, core: str, quoted: str) -> bool:
        if question.file and question.kind != "contradiction" and passage.title != question.file:
            return False
        named = f"{core} {' '.join(passage.heading)}".casefold()
        if kind == "row" and question.identifier and question.identifier.casefold() not in named:
            return False
        if kind == "qa" or len(parts) == 1:
            return holds(quoted, question.expected)
        return any(holds(quoted, part) for part in parts)

    return answers


def clapnq(encoder: KeptVectors) -> Iterator[Units]:
    """Yield the units of CLAPNQ's passages; people chose the sentences that answer. Raises NoData."""
    cases = alone()
    half = len(cases) // 2
    for number, case in enumerate([*cases[:CLAPNQ_QUESTIONS], *cases[half : half + CLAPNQ_QUESTIONS]]):
        chosen = " ".join(" ".join(case.selected).split())
        yield units_of(
            "clapnq", f"clapnq {number}", case.question, case.passages, encoder,
            lambda _passage, _kind, core, _quoted, chosen=chosen: " ".join(core.split()) in chosen,  # type: ignore[misc]
            answerable=case.answerable,
        )  # fmt: skip
    encoder.keep()


def fit(cases: Sequence[Units], *, encoder: bool) -> dict[str, Fitted]:
    """Return the weights of each part of the model."""
    fitted = {}
    for name in PARTS:
        columns = list(unit_model.columns_of(name, encoder=encoder))
        chosen = [each.part == name for each in cases]
        features = np.concatenate([each.features[use] for each, use in zip(cases, chosen, strict=True)])[:, columns]
        labels = np.concatenate([each.answers[use] for each, use in zip(cases, chosen, strict=True)])
        weight = np.concatenate(
            [np.full(int(use.sum()), WEIGHT[each.of_set]) for each, use in zip(cases, chosen, strict=True)]
        )
        means, deviations = features.mean(0), np.maximum(features.std(0), MIN_DEVIATION)
        scaled = np.clip((features - means) / deviations, -4, 4)
        made = LogisticRegression(C=STRENGTH, max_iter=3_000).fit(scaled, labels, sample_weight=weight)
        fitted[name] = Fitted(means, deviations, made.coef_[0], float(made.intercept_[0]))
    return fitted


def best(fitted: dict[str, Fitted], case: Units, *, encoder: bool) -> tuple[float, bool]:
    """Return the probability of a question's likeliest unit, and whether that answers."""
    if not len(case.features):
        return 0.0, False
    every = np.zeros(len(case.features))
    for name in PARTS:
        here = case.part == name
        every[here] = fitted[name].probabilities(
            case.features[here][:, list(unit_model.columns_of(name, encoder=encoder))]
        )
    return float(every.max()), bool(case.answers[int(every.argmax())])


def held_out(cases: Sequence[Units], *, encoder: bool) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return for each question what the model of the other documents says: a probability, and whether it is right."""
    found: list[tuple[float, bool]] = [(0.0, False)] * len(cases)
    for learn, held in GroupKFold(FOLDS).split(cases, groups=[each.document for each in cases]):
        fitted = fit([cases[index] for index in learn], encoder=encoder)
        for index in held:
            found[index] = best(fitted, cases[index], encoder=encoder)
    return np.array([each for each, _ in found]), np.array([right for _, right in found])


def threshold(cases: Sequence[Units], probabilities: Numbers, right: NDArray[np.bool_]) -> float:
    """Return the threshold at which unanswered questions and wrong answers cost least."""
    weight = np.array([WEIGHT[each.of_set] if each.of_set != "clapnq" else 0.0 for each in cases])
    answerable = np.array([each.answerable for each in cases])
    costs = [
        float((weight * np.where(probabilities >= least, WRONG_COSTS * ~right, answerable)).sum())
        for least in THRESHOLDS
    ]
    return round(float(THRESHOLDS[int(np.argmin(costs))]), 2)


def calibration(
    cases: Sequence[Units], probabilities: Numbers, right: NDArray[np.bool_], least: float
) -> list[list[float]]:
    """Return the share of right answers by probability, among those that are quoted; pulled a little towards .6."""
    quoted = [
        index for index, each in enumerate(cases) if each.of_set != "clapnq" and probabilities[index] >= least - 0.1
    ]
    quoted.sort(key=lambda index: probabilities[index])
    points = []
    for part in np.array_split(np.array(quoted), BINS):
        share = (float(right[part].sum()) + 0.6) / (len(part) + 1)
        points.append((float(probabilities[part].mean()), share, float(len(part))))
    rising = IsotonicRegression().fit(*(list(each) for each in zip(*points, strict=True))).predict
    return [[round(probability, 4), round(float(rising([probability])[0]), 4)] for probability, _, _ in points]


def described(name: str, cases: Sequence[Units], *, encoder: bool) -> dict[str, Any]:
    """Return a model as it is written, and print what it does to held-out questions."""
    probabilities, right = held_out(cases, encoder=encoder)
    least = threshold(cases, probabilities, right)
    for of_set in WEIGHT:
        here = np.array([each.of_set == of_set for each in cases])
        if not here.any():
            continue
        can = np.array([each.answerable for each in cases])
        quoted = probabilities >= least
        print(
            f"{name}, {of_set}: of {int((here & can).sum())} can be right {(quoted & right)[here & can].mean():.1%},"
            f" wrong {(quoted & ~right)[here & can].mean():.1%}; of {int((here & ~can).sum())} unanswerable abstained "
            f"{(~quoted)[here & ~can].mean():.1%} (threshold {least})"
        )
    parts = {
        part: {
            "means": _rounded(each.means), "deviations": _rounded(each.deviations), "weights": _rounded(each.weights),
            "bias": round(each.bias, 5),
        }
        for part, each in fit(cases, encoder=encoder).items()
    }  # fmt: skip
    return {"threshold": least, "calibration": calibration(cases, probabilities, right, least), **parts}


def _rounded(numbers: Numbers) -> list[float]:
    return [round(float(each), 5) for each in numbers]


def main() -> int:
    """Write the weights."""
    encoder = KeptVectors(OnnxEncoder(ENCODER))
    cases: list[Units] = []
    for seed in SEEDS:
        made = probes("at_hand", seed)
        files = [file for probe in made for file in probe.files]
        cases += asked("probes", files, [each for probe in made for each in probe.questions], encoder)
    cases += asked("real", *real(), encoder)
    cases += clapnq(encoder)
    made_of = {of_set: sum(each.of_set == of_set for each in cases) for of_set in WEIGHT}
    written = {
        "made_by": "benchmarks/answer_units.py",
        "made_of": {**made_of, "seeds": list(SEEDS)},
        "features": list(NAMES),
        "models": {
            "with_encoder": described("with the encoder", cases, encoder=True),
            "by_words": described("by words", cases, encoder=False),
        },
    }
    Path(unit_model.WEIGHTS).write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
