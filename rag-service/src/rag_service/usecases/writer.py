"""The port of a model that writes answers, and the verification of its drafts against the cited passages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from model_kit.claude.usage import Usage

from rag_service.domain.answering.citation import Cited
from rag_service.domain.answering.extraction import confidence
from rag_service.domain.answering.language.sentences import split
from rag_service.domain.answering.message.conversation import Turn
from rag_service.domain.answering.refusal import Reason
from rag_service.domain.answering.safety.prompt_injection import is_injection, sanitized
from rag_service.domain.answering.support import Support, check
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, subject_of
from rag_service.domain.answering.units.unit_model import UnitModel
from rag_service.usecases.assess_passages import Embed

MIN_WRITER_CONFIDENCE = 0.6
"""The minimal confidence of a verified answer of the writer, which understands passages better than the answerability
model."""

Purpose = Literal["solution", "chat", "rewrite", "rerank"]


@dataclass(frozen=True)
class PaidCall:
    """A paid call, for the ledger."""

    purpose: Purpose
    usage: Usage


@dataclass(frozen=True)
class DraftSentence:
    """A sentence or a step as a model wrote it."""

    text: str
    passages: tuple[int, ...]
    """Numbers of the cited passages, from 1; each of them was given."""


@dataclass(frozen=True)
class Draft:
    """An unverified answer."""

    written: tuple[DraftSentence, ...]
    refusal: Reason | None = None
    used: PaidCall | None = None


@dataclass(frozen=True)
class RewrittenQuestion:
    """A follow-up as a standalone question."""

    question: str
    used: PaidCall | None = None


@dataclass(frozen=True)
class Reranked:
    """The order of passages, best first, as indexes from 0, without those that do not help."""

    order: tuple[int, ...]
    used: PaidCall | None = None


class WriterFailed(Exception):
    """The writer returned no answer; `kind`, `health` and the cost are those of model-kit's client."""

    def __init__(self, kind: str, health: str, used: PaidCall | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.health = health
        self.used = used


class Writer(Protocol):
    """Writes answers from passages. Every method raises WriterFailed."""

    def solve(self, description: str, context: str, passages: Sequence[AssessedPassage]) -> Draft:
        """Return steps that solve a ticket."""

    def answer(self, question: str, turns: Sequence[Turn], passages: Sequence[AssessedPassage]) -> Draft:
        """Return the sentences that answer a question."""

    def rewrite(self, question: str, turns: Sequence[Turn]) -> RewrittenQuestion:
        """Return a follow-up as a standalone question."""

    def rerank(self, question: str, passages: Sequence[AssessedPassage]) -> Reranked:
        """Return the passages that help, best first."""


def verified(draft: Draft, passages: Sequence[AssessedPassage], embed: Embed | None) -> list[Cited]:
    """Return the sentences of a draft that the cited passages support; partly supported ones are marked as not certain.

    Each sentence is checked by itself. Images, and web addresses that its passages do not have, are removed.
    """
    found = []
    for written in draft.written:
        cited = [passages[number - 1] for number in written.passages]
        sources = [f"{subject_of(each.passage)}\n\n{each.quotable_text}" for each in cited]
        kept: list[tuple[str, Support]] = []
        for sentence in split(written.text):
            text = sanitized(sentence.text, *sources)
            judged = _judged(text, sources, embed)
            if judged.verdict != "dropped" and not is_injection(text):
                kept.append((text, judged))
        if kept:
            certain = all(judged.verdict == "supported" for _, judged in kept)
            chunks = tuple(each.passage.chunk_id for each in cited)
            found.append(Cited(" ".join(text for text, _ in kept), chunks, certain=certain))
    return found


def writer_confidence(found: Sequence[Cited], passages: Sequence[AssessedPassage], model: UnitModel) -> float:
    """Return the confidence of a verified draft: the more, the likelier `model` finds the units of what it cites."""
    if not found:
        return 0.0
    certain = sum(each.certain for each in found) / len(found)
    likely = confidence(found, passages, model)
    return round(certain * (MIN_WRITER_CONFIDENCE + (1 - MIN_WRITER_CONFIDENCE) * likely), 4)


def _judged(text: str, sources: Sequence[str], embed: Embed | None) -> Support:
    judged = check(text, sources)
    # The encoder is needed only where a paraphrase may decide.
    if embed is None or judged.verdict == "supported" or judged.why != "words":
        return judged
    rows = np.asarray(embed([text, *(each.shown for source in sources for each in split(source))]))
    return check(text, sources, float(np.max(rows[1:] @ rows[0])))
