"""What leaves: a ticket's solution, a chat's final answer."""

from dataclasses import dataclass

from rag_service.domain.answering.answer import Line, Mode, Step
from rag_service.domain.answering.citation import Source
from rag_service.domain.answering.refusal import Refusal
from rag_service.usecases.writer import PaidCall, WriterFailed


@dataclass(frozen=True)
class Solution:
    """What may solve a ticket."""

    mode: Mode
    steps: tuple[Step, ...]
    confidence: float
    sources: tuple[Source, ...]
    needs_human: bool
    refusal: Refusal | None = None
    usages: tuple[PaidCall, ...] = ()
    failures: tuple[WriterFailed, ...] = ()
    """Where the writer was at a loss, for metrics and a breaker."""


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
    """As it was understood; the next turn's rewriting goes by what the user said, not by this."""
    usages: tuple[PaidCall, ...] = ()
    failures: tuple[WriterFailed, ...] = ()
