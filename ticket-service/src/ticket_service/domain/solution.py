"""A proposed solution of a ticket."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

FILE = "file"
SHOWN = ("order", "text", "chunk_ids")
PERSON_MODE = "person"
"""The mode of a solution whose steps a person wrote; proposals don't replace it."""
MAX_STEPS = 50


@dataclass(frozen=True)
class Solution:
    """Steps that may solve a ticket; without supported steps a person is needed."""

    revision: int
    mode: str
    confidence: float
    steps: Sequence[Mapping[str, Any]]
    files: frozenset[UUID] = frozenset()
    """The files that the steps quote."""

    def without_steps(self) -> "Solution":
        """Return the solution without steps, for a solution whose file is deleted."""
        return replace(self, confidence=0.0, steps=(), files=frozenset())


def in_order(steps: Iterable[tuple[str, int | None]]) -> list[str]:
    """Return the texts of steps, without blanks around them, by the order that each has; else as they came."""
    placed = [(place if order is None else order, text.strip()) for place, (text, order) in enumerate(steps, 1)]
    return [text for _, text in sorted(placed, key=lambda step: step[0])]


def numbered(texts: Sequence[str]) -> list[dict[str, Any]]:
    """Return texts as the steps that a ticket shows, numbered from 1."""
    return [{"order": order, "text": text} for order, text in enumerate(texts, 1)]


def shown_steps(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the fields of each step that a ticket shows."""
    return [{name: step[name] for name in SHOWN if name in step} for step in steps]


def files_of(sources: Sequence[Mapping[str, Any]]) -> frozenset[UUID]:
    """Return the ids of the company's files that a proposal rests on."""
    return frozenset(UUID(str(source["source_id"])) for source in sources if source.get("source_type") == FILE)
