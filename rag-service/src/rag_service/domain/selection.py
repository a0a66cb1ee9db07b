"""Which of the passages found are shown, where not all can be."""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar
from uuid import UUID

FURTHER = 0.8
"""What each further passage of the same document counts, compared with the one before.

Without it the neighbours of one good passage crowd the other documents out: among the best ten, .84 of the documents
that should be found were there on `anthropic_docs`, .89 with it (docs/retrieval.md). From a single document the same
passages are chosen whatever it is.
"""


class Ranked(Protocol):
    """A passage, or where to find one."""

    @property
    def document_id(self) -> UUID: ...

    @property
    def score(self) -> float: ...


Found = TypeVar("Found", bound=Ranked)


def diversified(passages: Sequence[Found], most: int) -> list[Found]:
    """Return the passages to show, best first: at most so many, of several documents rather than of one."""
    if len(passages) <= most:
        return sorted(passages, key=_score)
    seen: Counter[UUID] = Counter()
    worth: list[tuple[float, int]] = []
    ordered = sorted(passages, key=_score)
    for place, passage in enumerate(ordered):
        worth.append((-passage.score * FURTHER ** seen[passage.document_id], place))
        seen[passage.document_id] += 1
    chosen = sorted(place for _, place in sorted(worth)[:most])
    return [ordered[place] for place in chosen]


def _score(passage: Ranked) -> float:
    return -passage.score
