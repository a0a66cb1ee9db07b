"""A passage that was found for a question."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class Passage:
    """A chunk as it stands in PostgreSQL, with how well it fits."""

    chunk_id: UUID
    document_id: UUID
    source_type: str
    """`file`: uploaded here; `outside`: another producer's."""
    title: str
    """The file's name."""
    heading: tuple[str, ...]
    place: str
    text: str
    score: float
    """How well it fits the question, 0 to 1; comparable between questions."""
    metadata: dict[str, Any] = field(default_factory=dict)
