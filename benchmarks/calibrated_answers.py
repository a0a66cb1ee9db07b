"""Fit what a stated confidence means by whole answers: `python -m benchmarks.calibrated_answers`

The comparison of texts (`compared_units.py`) is calibrated by units. What is answered has passed further checks, and so
is right more often than the likeliest unit. Here the everyday companies are asked, each with weights taught without it,
the real files and, where nothing answered without the answer encoder's scores, `taught_documents/`; the share of right
answers by the best unit's probability becomes `calibration`. For each everyday company the calibration comes from the
others alone (`benchmarks/left_out/`). `benchmarks.answer_units` does this last.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rag_service.domain.answering.extraction import extract
from rag_service.domain.answering.message.search_query import search_query
from rag_service.domain.answering.units import unit_model
from rag_service.usecases.further_attempts import of_asked_kind

from benchmarks.calibrating import calibration
from benchmarks.company import Company, Encoders
from benchmarks.everyday_documents import COMPANIES, everyday, left_out
from benchmarks.judging import judge
from benchmarks.probes.model import File, Question
from benchmarks.real_documents import real, untaught
from benchmarks.taught_documents import for_models

BINS = {("with_encoder", "comparison"): 12, ("with_encoder", "scored_comparison"): 6, ("multilingual", "comparison"): 6}
"""By model and comparison; the scored one answers where the other one does not."""
REAL_COUNTS = 2
"""How many answers one about the real files counts for."""
ASSUMED = 2.0
"""Answers of each bin that are assumed: the faults that these questions showed were mended, others were not."""


@dataclass(frozen=True)
class Answered:
    """An answer whose confidence comes from a probability."""

    group: str
    model: str
    field: str
    """Of the comparison that answered."""
    probability: float
    right: bool


def answers(encoders: Encoders) -> list[Answered]:
    """Return the answers to the questions of the everyday companies and of the real files. Raises NoData."""
    found = [
        each
        for company, (files, questions) in zip(COMPANIES, everyday(), strict=True)
        for each in _answers(files, questions, encoders, untaught(company), company)
    ]
    for files, questions in for_models():
        every = _answers(files, questions, encoders, unit_model.WEIGHTS, files[0].name)
        found += [each for each in every if each.field == "scored_comparison"]
    return [*found, *(_answers(*real(), encoders, unit_model.WEIGHTS, "real") * REAL_COUNTS)]


def _answers(
    files: Sequence[File], questions: Sequence[Question], encoders: Encoders, weights: Path, name: str
) -> list[Answered]:
    company = Company(files, encoders, lambda text: print(f"{name}: {text}", file=sys.stderr), weights)
    found = []
    try:
        for question in questions:
            text = search_query(question.text)
            if question.turns:
                continue
            assessed, model = company.assessed(text)
            extracted = extract(text, assessed, model)
            field = "comparison"
            if not extracted.cited and not model.multilingual:
                assessed, model = company.assessed(text, fill=True)
                extracted = of_asked_kind(text, extract(text, assessed, model, model.least))
                field = "scored_comparison"
            if extracted.cited and extracted.probability is not None:
                verdict = judge(question, " ".join(each.text for each in extracted.cited))
                named = "multilingual" if model.multilingual else "with_encoder"
                found.append(Answered(name, named, field, extracted.probability, verdict.right))
    finally:
        encoders.keep()
        company.close()
    return found


def calibrations(found: Sequence[Answered]) -> dict[tuple[str, str], list[list[float]]]:
    """Return the calibration of each comparison."""
    fitted = {}
    for (model, field), bins in BINS.items():
        here = [each for each in found if (each.model, each.field) == (model, field)]
        probabilities, right = (np.array([getattr(each, name) for each in here]) for name in ("probability", "right"))
        fitted[model, field] = calibration(probabilities, right, 0.0, bins, ASSUMED)
    return fitted


def write(encoders: Encoders) -> None:
    """Write the calibrations into the files of the weights, and print what they say of held-out answers."""
    found = answers(encoders)
    # Before the weights themselves: a company that came after the teaching gets a copy of theirs.
    for company in COMPANIES:
        others = [each for each in found if each.group != company]
        _write(untaught(company), left_out(company), calibrations(others), company)
    _write(unit_model.WEIGHTS, unit_model.WEIGHTS, calibrations(found))
    for model, field in BINS:
        here = [each.right for each in found if (each.model, each.field) == (model, field)]
        print(f"{model}, {field}: {len(here)} answers, {np.mean(here):.1%} right", flush=True)


def _write(source: Path, target: Path, fitted: dict[tuple[str, str], list[list[float]]], company: str = "") -> None:
    content = json.loads(source.read_text(encoding="utf-8"))
    if company:
        content["left_out"] = company
    for (model, field), points in fitted.items():
        content["models"][model][field]["calibration"] = points
    target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Encoders())
