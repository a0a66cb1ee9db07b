"""Teach how far a text that leads its best rival answers: the second part of `python -m benchmarks.answer_units`.

Taught on the units of the everyday companies, each read by a model without it, and of the real files. Folds keep the
questions of one company, or about one real file, together; threshold and calibration come from held-out questions.
The weights stand beside those of the models, under `comparison`, also in the files of `benchmarks/left_out/`.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rag_service.domain.answering.extraction import answerers
from rag_service.domain.answering.message.search_query import search_query
from rag_service.domain.answering.units import unit_model
from rag_service.domain.answering.units.rivals import is_comparable, lead_features
from sklearn.model_selection import GroupKFold

from benchmarks.calibrating import calibration
from benchmarks.company import Company, Encoders
from benchmarks.everyday_documents import COMPANIES, everyday, left_out
from benchmarks.logistic import Logistic, Numbers
from benchmarks.probes.model import File, Question
from benchmarks.real_documents import real, untaught
from benchmarks.unit_cases import label_of

MODELS = {False: "with_encoder", True: "multilingual"}
"""By whether the question is not English."""
FOLDS = 8
REAL_COUNTS = 2.0
MAX_WRONG = {False: 0.04, True: 0.05}
"""The share of held-out everyday questions whose likeliest unit may be wrong, by whether they are not English: the
lowest such threshold is taken. Of wrong units the service withholds some (`sentence_choice.py`)."""
THRESHOLDS = np.arange(0.4, 0.71, 0.01)
BINS = {False: 12, True: 6}


@dataclass(frozen=True)
class Case:
    """The comparable units of a question, and which of them answer."""

    group: str
    foreign: bool
    answerable: bool
    weight: float
    features: Numbers
    rows: NDArray[np.bool_]
    answers: NDArray[np.bool_]


def cases(encoders: Encoders) -> list[Case]:
    """Return the questions of the everyday companies and of the real files. Raises NoData."""
    found = [
        case
        for company, (files, questions) in zip(COMPANIES, everyday(), strict=True)
        for case in _cases(files, questions, encoders, untaught(company), company)
    ]
    return [*found, *_cases(*real(), encoders, unit_model.WEIGHTS, "")]


def _cases(
    files: Sequence[File], questions: Sequence[Question], encoders: Encoders, weights: Path, name: str
) -> list[Case]:
    company = Company(files, encoders, lambda text: print(f"{name or 'real'}: {text}", file=sys.stderr), weights)
    try:
        return [_case(company, each, name) for each in questions if not each.turns]
    finally:
        encoders.keep()
        company.close()


def _case(company: Company, question: Question, name: str) -> Case:
    text, label = search_query(question.text), None if question.unanswerable else label_of(question)
    assessed, model = company.assessed(text)
    units = [each for each in answerers(text, assessed, model.threshold)[0] if is_comparable(each)]
    return Case(
        name or f"real {question.file}",
        model.multilingual,
        label is not None,
        1.0 if name else REAL_COUNTS,
        np.array(lead_features(units), float).reshape(len(units), 4),
        np.array([each.unit.unit.kind == "row" for each in units], bool),
        np.array(
            [
                label is not None and label(each.assessed.passage, each.unit.unit.kind, each.core.shown, each.quoted)
                for each in units
            ],
            bool,
        ),
    )


def fit(found: Sequence[Case]) -> Logistic:
    """Return the weights for texts, of all languages."""
    features = np.concatenate([each.features[~each.rows] for each in found])
    answers = np.concatenate([each.answers[~each.rows] for each in found])
    weight = np.concatenate([np.full(int((~each.rows).sum()), each.weight) for each in found])
    return Logistic.fit(features, answers, weight, solver="newton-cholesky")


def best(fitted: Logistic, case: Case) -> tuple[float, bool]:
    """Return the probability of a question's likeliest unit, and whether that answers."""
    if not len(case.features):
        return 0.0, False
    rows = 1 / (1 + np.exp(-case.features[:, 0]))
    every = np.where(case.rows, rows, fitted.probabilities(case.features))
    return float(every.max()), bool(case.answers[int(every.argmax())])


def taught(found: Sequence[Case]) -> dict[str, dict[str, Any]]:
    """Return what is written of each model, and print what it does to held-out questions."""
    said: list[tuple[float, bool]] = [(0.0, False)] * len(found)
    for learn, held in GroupKFold(FOLDS).split(found, groups=[each.group for each in found]):
        fitted = fit([found[place] for place in learn])
        for place in held:
            said[place] = best(fitted, found[place])
    text = fit(found).stored()
    return {model: {**_quoting(found, said, foreign=foreign), "text": text} for foreign, model in MODELS.items()}


def _quoting(found: Sequence[Case], said: Sequence[tuple[float, bool]], *, foreign: bool) -> dict[str, Any]:
    here = [place for place, each in enumerate(found) if each.foreign == foreign]
    probabilities, right = (np.array([said[place][part] for place in here]) for part in (0, 1))
    answerable = np.array([found[place].answerable for place in here])
    everyday_ones = np.array([not found[place].group.startswith("real ") for place in here])
    wrong = [float(((probabilities >= least) & (right == 0))[everyday_ones].mean()) for least in THRESHOLDS]
    allowed = [least for least, share in zip(THRESHOLDS, wrong, strict=True) if share <= MAX_WRONG[foreign]]
    least = round(float(allowed[0] if allowed else THRESHOLDS[-1]), 2)
    quoted = probabilities >= least
    print(
        f"comparison, {MODELS[foreign]}: of {int(answerable.sum())} that have an answer right"
        f" {(quoted & (right > 0))[answerable].mean():.1%}, wrong {(quoted & (right == 0))[answerable].mean():.1%}; of"
        f" {int((~answerable).sum())} others answered {int(quoted[~answerable].sum())} (threshold {least})",
        flush=True,
    )
    return {"threshold": least, "calibration": calibration(probabilities, right > 0, least, BINS[foreign])}


def write(encoders: Encoders) -> None:
    """Write the comparison into the files of the weights."""
    found = cases(encoders)
    _write(unit_model.WEIGHTS, unit_model.WEIGHTS, taught(found))
    for company in COMPANIES:
        _write(untaught(company), left_out(company), taught([each for each in found if each.group != company]), company)


def _write(source: Path, target: Path, comparisons: dict[str, dict[str, Any]], company: str = "") -> None:
    content = json.loads(source.read_text(encoding="utf-8"))
    if company:
        content["left_out"] = company
    for model, comparison in comparisons.items():
        content["models"][model]["comparison"] = comparison
    target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Encoders())
