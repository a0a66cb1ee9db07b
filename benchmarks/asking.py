"""Asks a company's knowledge questions, as chat and as tickets, and judges what it says."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from rag_service.domain.answering.citation import quoted
from rag_service.domain.answering.message.conversation import Turn
from rag_service.domain.answering.message.search_query import search_query
from rag_service.domain.answering.units.unit_model import WEIGHTS
from rag_service.usecases.results import ChatAnswer

from benchmarks.company import Company, Encoders
from benchmarks.judging import Judged, held, judge, plain
from benchmarks.probes.model import File, Question


@dataclass(frozen=True)
class Outcome:
    """What came of a question."""

    of_set: str
    question: Question
    chat: Judged
    solution: Judged | None
    stage: str
    """`unread`: the answer is in no passage; `unfound`: in none of those retrieved; else `found`."""
    quotes: int
    exact: int

    @property
    def file_kind(self) -> str:
        """Return the ending of the file's name."""
        return self.question.file.rsplit(".", 1)[-1].lower() if self.question.file else ""


def asked(
    name: str,
    files: Sequence[File],
    questions: Sequence[Question],
    encoders: Encoders,
    *,
    weights: Path = WEIGHTS,
    solutions: bool = True,
) -> list[Outcome]:
    """Return the outcomes of questions to a company that has these files, answered by the models of `weights`."""
    company = Company(files, encoders, lambda text: tell(f"{name}: {text}"), weights)
    for each in company.unread:
        tell(f"{name}: {each.name} is not read: {each.code}: {each.reason}")
    found = []
    try:
        for number, question in enumerate(questions, 1):
            found.append(_outcome(name, company, question, solutions=solutions))
            if number % 50 == 0 or number == len(questions):
                tell(f"{name}: {number} of {len(questions)} questions asked")
    finally:
        encoders.keep()
        company.close()
    return found


def _outcome(name: str, company: Company, question: Question, *, solutions: bool) -> Outcome:
    turns: list[Turn] = []
    for each in question.turns:
        *_, before = company.answerer.chat(each, turns)
        assert isinstance(before, ChatAnswer)
        turns += [Turn("user", each), Turn("assistant", before.answer, _documents(before))]
    *_, answer = company.answerer.chat(question.text, turns)
    assert isinstance(answer, ChatAnswer)
    pieces = [(each.text, each.chunk_ids) for each in answer.sentences]
    labels = [each.label for each in answer.sources]
    chat = judge(question, _without(labels, [text for text, _ in pieces]), answer.confidence)
    solution = None
    if solutions and not question.turns and not question.only_chat:
        proposed = company.answerer.solution(question.text)
        steps = [(each.text, each.chunk_ids) for each in proposed.steps]
        more = [each.label for each in proposed.sources]
        solution = judge(question, _without(more, [text for text, _ in steps]), proposed.confidence)
        pieces, labels = [*pieces, *steps], [*labels, *more]
    exact = sum(_is_exact(company, _without(labels, [text]), chunks) for text, chunks in pieces)
    return Outcome(name, question, chat, solution, _stage(company, question), len(pieces), exact)


def _documents(answer: ChatAnswer) -> frozenset[UUID]:
    return frozenset(UUID(each.source_id) for each in answer.sources)


def _stage(company: Company, question: Question) -> str:
    if question.unanswerable:
        return "found"
    if held(
        question,
        (
            "\n".join([*each.heading, each.text])
            for each in company.retrieved(search_query(" ".join([*question.turns, question.text])))
        ),
    ):
        return "found"
    everywhere = (each.chunk for each in company.passages_of(question.file))
    return "unfound" if held(question, ("\n".join([*each.heading, each.text]) for each in everywhere)) else "unread"


def _is_exact(company: Company, text: str, chunks: Iterable[UUID]) -> bool:
    there = [company.text_of(each) for each in chunks]
    return bool(there) and all(plain(text) in plain(each) or plain(text) in plain(quoted(each)) for each in there)


def _without(labels: Iterable[str], texts: Iterable[str]) -> str:
    whole = "\n".join(texts)
    for label in labels:
        whole = whole.replace(f" {label}", "").replace(label, "")
    return whole.strip()


def tell(text: str) -> None:
    """Report progress."""
    print(text, file=sys.stderr, flush=True)
