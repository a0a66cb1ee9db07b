"""The parts of an answer: a ticket's steps, the stages of a chat, and its sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from rag_service.domain.answering.citation import Cited, Source, labelled
from rag_service.domain.answering.safety.prompt_injection import sanitized

MAX_QUESTION_CHARACTERS = 200
"""Characters of a question that is reported as unanswered."""

Mode = Literal["claude", "extractive", "approved"]
StageName = Literal["understanding", "searching", "reading", "writing", "checking"]


@dataclass(frozen=True)
class Step:
    """Something to do; its text ends with its citations."""

    order: int
    text: str
    chunk_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class Line:
    """A sentence of a chat answer; its text ends with its citations."""

    text: str
    chunk_ids: tuple[UUID, ...]
    certain: bool


@dataclass(frozen=True)
class Stage:
    """The current stage of a chat, shown to people who wait."""

    name: StageName


def steps_of(cited: Sequence[Cited], sources: Sequence[Source]) -> tuple[Step, ...]:
    """Return numbered steps."""
    return tuple(Step(number, labelled(each, sources), each.chunk_ids) for number, each in enumerate(cited, 1))


def lines_of(cited: Sequence[Cited], sources: Sequence[Source]) -> tuple[Line, ...]:
    """Return sentences with their citations."""
    return tuple(Line(labelled(each, sources), each.chunk_ids, each.certain) for each in cited)


def text_of(lines: Sequence[Line], unanswered: Sequence[str], notes: Sequence[str] = ()) -> str:
    """Return the answer as text, with what a reader has to know beside it and the questions that it leaves open."""
    left = [f"I found no answer to: “{sanitized(question)[:MAX_QUESTION_CHARACTERS]}”" for question in unanswered]
    return "\n".join([*(line.text for line in lines), *map(sanitized, notes), *left])
