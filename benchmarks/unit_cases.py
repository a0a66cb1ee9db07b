"""Questions with the units that are found for them, of which it is known whether they answer."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rag_service.domain.answering.message.search_query import search_query
from rag_service.domain.answering.units.unit_features import IDENTIFIED, NAMES, Described, describe
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import Embed, read_passages

from benchmarks.answer_sets import alone
from benchmarks.company import Company, Encoders
from benchmarks.everyday_documents import COMPANIES, everyday
from benchmarks.judging import holds
from benchmarks.logistic import Numbers
from benchmarks.probes.corpus import probes
from benchmarks.probes.model import File, Question
from benchmarks.real_documents import real

SEEDS = (0, 1)
CLAPNQ_QUESTIONS = 120
"""Of each half, answerable or not."""

Label = Callable[[Passage, str, str, str], bool]
"""Takes a passage, a unit's kind, its core and what is quoted of it; returns whether that answers."""


@dataclass(frozen=True)
class Units:
    """The units of what was found for a question, and which of them answer."""

    of_set: str
    group: str
    """A document, or a company of the everyday files: its questions are held out together."""
    foreign: bool
    """Whether the question is not English, and so is read by the multilingual encoder."""
    answerable: bool
    features: Numbers
    part: NDArray[np.str_]
    """Which part of the model decides about each unit."""
    answers: NDArray[np.bool_]


@dataclass(frozen=True)
class Cases:
    """The same questions, read by the English encoder and by the multilingual one."""

    english: list[Units]
    others: list[Units]


def cases(encoders: Encoders) -> Cases:
    """Return the questions of all sets. Raises NoData."""
    found = Cases([], [])
    for seed in SEEDS:
        made = probes("at_hand", seed)
        files = [file for probe in made for file in probe.files]
        _ask(found, "probes", files, [each for probe in made for each in probe.questions], encoders)
    _ask(found, "real", *real(), encoders)
    for company, (files, questions) in zip(COMPANIES, everyday(), strict=True):
        _ask(found, "everyday", files, questions, encoders, company)
    found.english.extend(_clapnq(encoders))
    return found


def _ask(
    found: Cases, of_set: str, files: Sequence[File], questions: Sequence[Question], encoders: Encoders, group: str = ""
) -> None:
    company = Company(files, encoders, lambda text: print(f"{of_set} {group}: {text}", file=sys.stderr))
    try:
        for question in questions:
            if question.turns:
                continue
            text, label = search_query(question.text), label_of(question)
            named = f"{of_set} {group or question.file}"
            first, others, foreign = company.retrieved_alike(text)
            for into, passages, embed in (
                (found.english, first, encoders.english.embed), (found.others, others, encoders.others.embed),
            ):  # fmt: skip
                answerable = not question.unanswerable
                into.append(
                    Units(
                        of_set,
                        named,
                        foreign,
                        answerable,
                        *_described(text, passages, embed, label if answerable else None),
                    )
                )
    finally:
        encoders.keep()
        company.close()


def _described(
    question: str, passages: Sequence[Passage], embed: Embed, label: Label | None
) -> tuple[Numbers, NDArray[np.str_], NDArray[np.bool_]]:
    """Return the features, the parts of the model and what answers, of the units that hold what is named."""
    read, columns = read_passages(question, passages, embed)
    features: list[tuple[float, ...]] = []
    parts: list[str] = []
    answers: list[bool] = []
    for one, described in zip(read, describe(question, read, columns), strict=True):
        for each in described:
            if each.named:
                quoted = " ".join(one.sentences[index].shown for index in each.unit.quoted)
                features.append(each.features)
                parts.append(_part(each))
                core = one.sentences[each.unit.core].shown
                answers.append(label is not None and label(one.passage, each.unit.kind, core, quoted))
    shaped = np.array(features, float).reshape(len(features), len(NAMES))
    return shaped, np.array(parts, str), np.array(answers, bool)


def _part(described: Described) -> str:
    if described.unit.kind != "row":
        return "text"
    return "named_row" if described.features[IDENTIFIED] else "row"


def label_of(question: Question) -> Label:
    """Return what tells whether a unit answers a question that has an answer."""
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


def _clapnq(encoders: Encoders) -> Iterator[Units]:
    """Yield the units of CLAPNQ's passages; people chose the sentences that answer. Raises NoData."""
    found = alone()
    half = len(found) // 2
    for number, case in enumerate([*found[:CLAPNQ_QUESTIONS], *found[half : half + CLAPNQ_QUESTIONS]]):
        chosen = " ".join(" ".join(case.selected).split())

        def label(_passage: Passage, _kind: str, core: str, _quoted: str, chosen: str = chosen) -> bool:
            return " ".join(core.split()) in chosen

        described = _described(case.question, case.passages, encoders.english.embed, label if case.answerable else None)
        yield Units("clapnq", f"clapnq {number}", False, case.answerable, *described)
    encoders.keep()
