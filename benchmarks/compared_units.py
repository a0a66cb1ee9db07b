"""Teach how far a text that leads its best rival answers: the second part of `python -m benchmarks.answer_units`.

Taught on the units of the everyday companies, each read by a model without it, and of the real files. Folds keep the
questions of one company, or about one real file, together; threshold and calibration come from held-out questions.
The weights stand beside those of the models, under `comparison`, also in the files of `benchmarks/left_out/`. Another
comparison, `scored_comparison`, reads the answer encoder's scores and more passages, for what the first one does not
answer; it is taught on `taught_documents/`, too, as far as the encoder has not seen them.
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
from rag_service.domain.answering.units.rivals import is_comparable, score_features
from sklearn.model_selection import GroupKFold

from benchmarks.calibrating import calibration
from benchmarks.company import Company, Encoders
from benchmarks.everyday_documents import COMPANIES, everyday, left_out
from benchmarks.logistic import Logistic, Numbers
from benchmarks.probes.model import File, Question
from benchmarks.real_documents import real, untaught
from benchmarks.taught_documents import for_models
from benchmarks.unit_cases import label_of


@dataclass(frozen=True)
class Place:
    """Where a comparison is written, and what it is for."""

    model: str
    field: str
    max_wrong: float
    """The share of held-out questions whose likeliest unit may be wrong: the mean of the shares of the everyday
    companies and of the documents, where these are taught. The lowest such threshold is taken. Of wrong units the
    service withholds some (`sentence_choice.py`)."""
    foreign: bool = False
    """Whether for questions that are not English."""
    scores: bool = False
    """Whether it reads the answer encoder's scores, of more passages: where nothing answered without."""
    documents: bool = False
    """Whether it is taught on `taught_documents/`, too."""

    def takes(self, case: "Case") -> bool:
        """Return whether a case teaches this comparison."""
        return case.filled == self.scores and (self.documents or not case.of_documents)


PLACES = (
    Place("with_encoder", "comparison", 0.04),
    Place("with_encoder", "scored_comparison", 0.033, scores=True, documents=True),
    Place("multilingual", "comparison", 0.05, foreign=True),
)
LEADS = 4
"""How many features the comparison has without the scores, which come after them."""
FOLDS = 8
REAL_COUNTS = 2.0
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
    """Those of the comparison, and the scores, which are 0 for a question that is not English."""
    rows: NDArray[np.bool_]
    answers: NDArray[np.bool_]
    filled: bool = False
    """Whether passages below the least score were read, too."""

    @property
    def of_documents(self) -> bool:
        """Return whether the question is about one of `taught_documents/`."""
        return not self.group.startswith("real ") and self.group not in COMPANIES


def cases(encoders: Encoders) -> list[Case]:
    """Return the questions of the everyday companies and of the real files. Raises NoData."""
    found = [
        case
        for company, (files, questions) in zip(COMPANIES, everyday(), strict=True)
        for case in _cases(files, questions, encoders, untaught(company), company)
    ]
    for files, questions in for_models():
        found += _cases(files, questions, encoders, unit_model.WEIGHTS, files[0].name)
    return [*found, *_cases(*real(), encoders, unit_model.WEIGHTS, "")]


def _cases(
    files: Sequence[File], questions: Sequence[Question], encoders: Encoders, weights: Path, name: str
) -> list[Case]:
    company = Company(files, encoders, lambda text: print(f"{name or 'real'}: {text}", file=sys.stderr), weights)
    try:
        asked = [each for each in questions if not each.turns]
        found = [_case(company, each, name, filled=False) for each in asked]
        return [*found, *(_case(company, each, name, filled=True)
                          for each, case in zip(asked, found, strict=True) if not case.foreign)]  # fmt: skip
    finally:
        encoders.keep()
        company.close()


def _case(company: Company, question: Question, name: str, *, filled: bool) -> Case:
    text, label = search_query(question.text), None if question.unanswerable else label_of(question)
    assessed, model = company.assessed(text, fill=filled)
    units = [each for each in answerers(text, assessed, model.threshold)[0] if is_comparable(each)]
    return Case(
        name or f"real {question.file}",
        model.multilingual,
        label is not None,
        1.0 if name else REAL_COUNTS,
        np.array(score_features(units), float).reshape(len(units), LEADS + 2),
        np.array([each.unit.unit.kind == "row" for each in units], bool),
        np.array(
            [
                label is not None and label(each.assessed.passage, each.unit.unit.kind, each.core.shown, each.quoted)
                for each in units
            ],
            bool,
        ),
        filled,
    )


def fit(taken: Sequence[Case], *, scores: bool) -> Logistic:
    """Return the weights for texts: of all languages, or with the answer encoder's scores, which are for English."""
    features = np.concatenate([_columns(each, scores=scores)[~each.rows] for each in taken])
    answers = np.concatenate([each.answers[~each.rows] for each in taken])
    weight = np.concatenate([np.full(int((~each.rows).sum()), each.weight) for each in taken])
    return Logistic.fit(features, answers, weight, solver="newton-cholesky")


def _columns(case: Case, *, scores: bool) -> Numbers:
    return case.features if scores else case.features[:, :LEADS]


def best(fitted: Logistic, case: Case, *, scores: bool) -> tuple[float, bool]:
    """Return the probability of a question's likeliest unit, and whether that answers."""
    if not len(case.features):
        return 0.0, False
    rows = 1 / (1 + np.exp(-case.features[:, 0]))
    every = np.where(case.rows, rows, fitted.probabilities(_columns(case, scores=scores)))
    return float(every.max()), bool(case.answers[int(every.argmax())])


def taught(every: Sequence[Case]) -> list[tuple[Place, dict[str, Any]]]:
    """Return what is written at each place, and print what it does to held-out questions."""
    written = []
    for place in PLACES:
        found = [each for each in every if place.takes(each)]
        said: list[tuple[float, bool]] = [(0.0, False)] * len(found)
        for learn, held in GroupKFold(FOLDS).split(found, groups=[each.group for each in found]):
            fitted = fit([found[each] for each in learn], scores=place.scores)
            for each in held:
                said[each] = best(fitted, found[each], scores=place.scores)
        text = fit(found, scores=place.scores).stored()
        written.append((place, {**_quoting(found, said, place), "text": text}))
    return written


def _quoting(found: Sequence[Case], said: Sequence[tuple[float, bool]], place: Place) -> dict[str, Any]:
    here = [number for number, each in enumerate(found) if each.foreign == place.foreign]
    probabilities, right = (np.array([said[number][part] for number in here]) for part in (0, 1))
    answerable = np.array([found[number].answerable for number in here])
    everyday_ones = np.array([found[number].group in COMPANIES for number in here])
    documents = np.array([found[number].of_documents for number in here])
    sets = [each for each in (everyday_ones, documents) if each.any()]
    wrong = [
        float(np.mean([((probabilities >= least) & (right == 0))[each].mean() for each in sets]))
        for least in THRESHOLDS
    ]
    allowed = [least for least, share in zip(THRESHOLDS, wrong, strict=True) if share <= place.max_wrong]
    least = round(float(allowed[0] if allowed else THRESHOLDS[-1]), 2)
    quoted = probabilities >= least
    print(
        f"{place.model}, {place.field}: of {int(answerable.sum())} that have an answer right"
        f" {(quoted & (right > 0))[answerable].mean():.1%}, wrong {(quoted & (right == 0))[answerable].mean():.1%}; of"
        f" {int((~answerable).sum())} others answered {int(quoted[~answerable].sum())} (threshold {least})",
        flush=True,
    )
    return {"threshold": least, "calibration": calibration(probabilities, right > 0, least, BINS[place.foreign])}


def write(encoders: Encoders) -> None:
    """Write the comparison into the files of the weights."""
    found = cases(encoders)
    _write(unit_model.WEIGHTS, unit_model.WEIGHTS, taught(found))
    for company in COMPANIES:
        _write(untaught(company), left_out(company), taught([each for each in found if each.group != company]), company)


def _write(source: Path, target: Path, comparisons: Sequence[tuple[Place, dict[str, Any]]], company: str = "") -> None:
    content = json.loads(source.read_text(encoding="utf-8"))
    if company:
        content["left_out"] = company
    for place, comparison in comparisons:
        content["models"][place.model][place.field] = comparison
    target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Encoders())
