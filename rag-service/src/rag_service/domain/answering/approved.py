"""Finds the approved answer to a question that was asked before."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rag_service.domain.answering.language.text_features import content, names, negates, numbers, plain, stems

MIN_APPROVED_COSINE = 0.9
MIN_SHARED_WORDS = 0.9
"""Where there is no encoder: of the content words that either question has."""


@dataclass(frozen=True)
class ApprovedCandidate:
    """An approved answer to a question."""

    answer_id: UUID
    question: str
    steps: tuple[str, ...]
    cosine: float | None
    """Of its question to the one that is asked; None where there is no encoder."""
    locator: str = ""
    """Where it comes from, such as `ticket 12`."""


def find_same_question(
    asked: str, candidates: Sequence[ApprovedCandidate], min_cosine: float = MIN_APPROVED_COSINE
) -> ApprovedCandidate | None:
    """Return the approved answer to the nearest equal question; None if no question is equal.

    A near question is not always equal: "without a password" is near "with a password", and version 2 near version 3.
    """
    near = [
        each for each in candidates if each.steps and _near(asked, each, min_cosine) and agree(asked, each.question)
    ]
    return max(near, key=lambda each: each.cosine if each.cosine is not None else 1.0, default=None)


def _near(asked: str, candidate: ApprovedCandidate, min_cosine: float) -> bool:
    if candidate.cosine is not None:
        return candidate.cosine >= min_cosine
    one, other = set(content(plain(asked))), set(content(plain(candidate.question)))
    return bool(one | other) and len(one & other) / len(one | other) >= MIN_SHARED_WORDS


def agree(one: str, other: str) -> bool:
    """Return whether two near questions may be equal: they have the same numbers, names and negations."""
    one, other = plain(one), plain(other)
    return (
        numbers(one) == numbers(other)
        and negates(one) == negates(other)
        and names(one) <= stems(other)
        and names(other) <= stems(one)
    )
