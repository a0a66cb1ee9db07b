"""The results of the answerer: a ticket's solution, and a chat's answer."""

from dataclasses import dataclass

from rag_service.domain.answering.answer import Line, Mode, Step
from rag_service.domain.answering.citation import Source
from rag_service.domain.answering.refusal import Refusal
from rag_service.usecases.writer import PaidCall, WriterFailed


@dataclass(frozen=True)
class Solution:
    """Steps that may solve a ticket."""

    mode: Mode
    steps: tuple[Step, ...]
    confidence: float
    sources: tuple[Source, ...]
    needs_human: bool
    refusal: Refusal | None = None
    usages: tuple[PaidCall, ...] = ()
    failures: tuple[WriterFailed, ...] = ()
    """The writer's failures, for metrics."""


@dataclass(frozen=True)
class ChatAnswer:
    """A chat's answer."""

    answer: str
    sentences: tuple[Line, ...] = ()
    sources: tuple[Source, ...] = ()
    refusal: Refusal | None = None
    needs_human: bool = False
    confidence: float = 0.0
    mode: Mode = "extractive"
    question: str = ""
    """The standalone question; follow-ups are rewritten from the user's messages, not from this."""
    usages: tuple[PaidCall, ...] = ()
    failures: tuple[WriterFailed, ...] = ()
