"""Teach which row, stored answer or sentence answers, and write the weights: `python -m benchmarks.answer_units`

Taught on made-up documents (`benchmarks.probes`, the half at hand), on the everyday files, and on the real files and
CLAPNQ of BENCH_DATA. Folds keep the questions of one document, or of one everyday company, together; threshold and
calibration come from questions that were held out. For each everyday company weights are written that were taught
without it (`benchmarks/left_out/`): with these its questions are asked.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rag_service.domain.answering.units import unit_model
from rag_service.domain.answering.units.unit_features import NAMES
from sklearn.model_selection import GroupKFold

from benchmarks import calibrated_answers, compared_units
from benchmarks.calibrating import calibration
from benchmarks.company import Encoders
from benchmarks.everyday_documents import COMPANIES, left_out
from benchmarks.logistic import Logistic, Numbers
from benchmarks.unit_cases import SEEDS, Cases, Units, cases

PARTS = ("row", "named_row", "text")
FOLDS = 8
SETS = ("probes", "real", "everyday", "clapnq")
WRONG_COSTS = 2.0
"""How many unanswered questions a wrong answer is worth."""
BINS, BINS_OF_FEW = 12, 6


@dataclass(frozen=True)
class Teaching:
    """What a model is taught on."""

    rows: Mapping[str, float]
    """How much a question of each set weighs where rows are taught: those on real files are few, and those of CLAPNQ
    are asked of an encyclopedia."""
    texts: Mapping[str, float]
    foreign: bool = False
    """Whether threshold and calibration are those of questions that are not English."""


THRESHOLDS = np.arange(0.4, 0.71, 0.05)
"""None below .4: files that nobody here has seen are harder."""
WITHOUT_EVERYDAY = {"probes": 1.0, "real": 3.0, "clapnq": 0.5}
WITH_EVERYDAY = {"probes": 1.0, "real": 3.0, "everyday": 1.0, "clapnq": 0.5}
TEACHING = {
    # Taught on everyday questions, too, it answers fewer of both: real 87 / 6 % instead of 90 / 3 %.
    "with_encoder": Teaching(WITHOUT_EVERYDAY, WITHOUT_EVERYDAY),
    "by_words": Teaching(WITHOUT_EVERYDAY, WITHOUT_EVERYDAY),
    # Made-up sentences are near their questions in words. Nobody's own are, and cosines of other languages are lower.
    "multilingual": Teaching(WITH_EVERYDAY, {"real": 3.0, "everyday": 1.0}, foreign=True),
}


def fit(found: Sequence[Units], model: str) -> dict[str, Logistic]:
    """Return the weights of each part of a model."""
    fitted = {}
    for name in PARTS:
        weight_of = TEACHING[model].texts if name == "text" else TEACHING[model].rows
        taught = [(each, each.part == name, weight_of[each.of_set]) for each in found if each.of_set in weight_of]
        features = np.concatenate([each.features[use] for each, use, _ in taught])[:, _columns(name, model)]
        labels = np.concatenate([each.answers[use] for each, use, _ in taught])
        weight = np.concatenate([np.full(int(use.sum()), one) for _, use, one in taught])
        fitted[name] = Logistic.fit(features, labels, weight)
    return fitted


def _columns(part: str, model: str) -> list[int]:
    return list(unit_model.columns_of(part, encoder=model != "by_words"))


def best(fitted: dict[str, Logistic], case: Units, model: str) -> tuple[float, bool]:
    """Return the probability of a question's likeliest unit, and whether that answers."""
    if not len(case.features):
        return 0.0, False
    every = np.zeros(len(case.features))
    for name in PARTS:
        here = case.part == name
        every[here] = fitted[name].probabilities(case.features[here][:, _columns(name, model)])
    return float(every.max()), bool(case.answers[int(every.argmax())])


def held_out(found: Sequence[Units], model: str) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return for each question what the model of the other groups says: a probability, and whether it is right."""
    said: list[tuple[float, bool]] = [(0.0, False)] * len(found)
    for learn, held in GroupKFold(FOLDS).split(found, groups=[each.group for each in found]):
        fitted = fit([found[index] for index in learn], model)
        for index in held:
            said[index] = best(fitted, found[index], model)
    return np.array([each for each, _ in said]), np.array([right for _, right in said])


def judged_by(found: Sequence[Units], model: str) -> list[int]:
    """Return the questions by which threshold and calibration are chosen."""
    teaching = TEACHING[model]
    sets = teaching.texts.keys() - {"clapnq"}
    return [
        index
        for index, each in enumerate(found)
        if each.of_set in sets and (each.foreign or not teaching.foreign)
    ]  # fmt: skip


def threshold(found: Sequence[Units], probabilities: Numbers, right: NDArray[np.bool_], model: str) -> float:
    """Return the threshold at which unanswered questions and wrong answers cost least."""
    weight = np.array([TEACHING[model].texts[each.of_set] for each in found])
    answerable = np.array([each.answerable for each in found])
    costs = [
        float((weight * np.where(probabilities >= least, WRONG_COSTS * ~right, answerable)).sum())
        for least in THRESHOLDS
    ]
    return round(float(THRESHOLDS[int(np.argmin(costs))]), 2)


def taught(model: str, found: Sequence[Units], without: str = "") -> dict[str, Any]:
    """Return a model as it is written, and print what it does to held-out questions; `without`: a left-out company."""
    probabilities, right = held_out(found, model)
    chosen = judged_by(found, model)
    judged, sure, true = [found[index] for index in chosen], probabilities[chosen], right[chosen]
    least = threshold(judged, sure, true, model)
    for of_set in SETS:
        here = np.array([each.of_set == of_set and (each.foreign or not TEACHING[model].foreign) for each in found])
        can, quoted = np.array([each.answerable for each in found]), probabilities >= least
        if (here & can).any():
            print(
                f"{model}{without and ' without '}{without}, {of_set}: of {int((here & can).sum())} can be right "
                f"{(quoted & right)[here & can].mean():.1%}, wrong {(quoted & ~right)[here & can].mean():.1%}; of "
                f"{int((here & ~can).sum())} unanswerable answered {quoted[here & ~can].sum()} (threshold {least})",
                flush=True,
            )
    parts = {part: each.stored() for part, each in fit(found, model).items()}
    bins = BINS_OF_FEW if TEACHING[model].foreign else BINS
    return {"threshold": least, "calibration": calibration(sure, true, least, bins), **parts}


def write(found: Cases) -> None:
    """Write the weights, and those that were taught without each everyday company."""
    of = {model: found.others if model == "multilingual" else found.english for model in TEACHING}
    made_of = {of_set: sum(each.of_set == of_set for each in found.english) for of_set in SETS}
    models = {model: taught(model, of[model]) for model in TEACHING}
    about = {"made_by": "benchmarks/answer_units.py", "made_of": {**made_of, "seeds": list(SEEDS)}}
    _write(unit_model.WEIGHTS, {**about, "features": list(NAMES), "models": models})
    for company in COMPANIES:
        without = dict(models)
        for model, teaching in TEACHING.items():
            if "everyday" in teaching.texts:
                without[model] = taught(
                    model, [each for each in of[model] if each.group != f"everyday {company}"], company
                )
        _write(left_out(company), {**about, "left_out": company, "models": without})


def _write(file: Path, content: Mapping[str, Any]) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Write the weights."""
    encoders = Encoders()
    write(cases(encoders))
    compared_units.write(encoders)
    calibrated_answers.write(encoders)
    return 0


if __name__ == "__main__":
    sys.exit(main())
