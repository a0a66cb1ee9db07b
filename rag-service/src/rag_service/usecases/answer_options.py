"""The limits and thresholds of an answer."""

from dataclasses import dataclass

from rag_service.domain.answering.approved import MIN_APPROVED_COSINE


@dataclass(frozen=True)
class Options:
    """Limits and thresholds of an answer."""

    retrieved: int = 12
    """Retrieved passages."""
    used: int = 6
    """How many of them are used for one question."""
    min_probability: float | None = None
    """The probability from which a row, an answer or a sentence is quoted; None: the measured threshold."""
    min_cosine: float = MIN_APPROVED_COSINE
    """The cosine from which a question counts as equal to an approved one."""
    min_score: float = 0.0
    """The score below which a passage is not used, unless it holds a code or name of the question."""
    rerank: bool = False
    """Whether the writer reranks the retrieved passages first, which costs a call."""


DEFAULT = Options()
