"""Selects the passages to show."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

REPEAT_FACTOR = 0.8
"""The factor for each further passage of the same document.

Without it, the neighbours of one good passage displace other documents: among the best ten, .84 of the expected
documents were found on `anthropic_docs`, .89 with it (docs/retrieval.md). Within a single document the factor changes
nothing.
"""


class Scored(Protocol):
    """A passage or search hit."""

    @property
    def document_id(self) -> UUID: ...

    @property
    def score(self) -> float: ...


Item = TypeVar("Item", bound=Scored)


def diversify(passages: Sequence[Item], most: int) -> list[Item]:
    """Return at most `most` passages, best first, of several documents rather than of one."""
    if len(passages) <= most:
        return sorted(passages, key=_score)
    seen: Counter[UUID] = Counter()
    worth: list[tuple[float, int]] = []
    ordered = sorted(passages, key=_score)
    for index, passage in enumerate(ordered):
        worth.append((-passage.score * REPEAT_FACTOR ** seen[passage.document_id], index))
        seen[passage.document_id] += 1
    chosen = sorted(index for _, index in sorted(worth)[:most])
    return [ordered[index] for index in chosen]


def _score(passage: Scored) -> float:
    return -passage.score
