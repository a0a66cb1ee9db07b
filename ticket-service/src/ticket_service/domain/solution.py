"""A proposal of how to solve a ticket."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

FILE = "file"
SHOWN = ("order", "text", "chunk_ids")


@dataclass(frozen=True)
class Solution:
    """Steps that may solve a ticket; none where there was no support for any, and a person is needed."""

    revision: int
    mode: str
    confidence: float
    steps: Sequence[Mapping[str, Any]]
    files: frozenset[UUID] = frozenset()
    """The files whose words the steps are."""

    def without_words(self) -> "Solution":
        """Return the same without its steps: a file that they rest on is gone."""
        return replace(self, confidence=0.0, steps=(), files=frozenset())


def shown_steps(steps: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what a ticket shows of each step."""
    return [{name: step[name] for name in SHOWN if name in step} for step in steps]


def files_of(sources: Sequence[Mapping[str, Any]]) -> frozenset[UUID]:
    """Return which of the company's files a proposal rests on."""
    return frozenset(UUID(str(each["source_id"])) for each in sources if each.get("source_type") == FILE)
