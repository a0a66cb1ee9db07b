"""A passage that was found for a question."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rag_service.domain.document import PassageKind


@dataclass(frozen=True)
class Passage:
    """A passage from PostgreSQL, with its score for a question."""

    chunk_id: UUID
    document_id: UUID
    source_type: str
    """`file`: uploaded here; `outside`: an external producer's."""
    title: str
    """The file's name."""
    heading: tuple[str, ...]
    locator: str
    text: str
    score: float
    """Its score for the question, 0 to 1; comparable between questions."""
    metadata: dict[str, Any] = field(default_factory=dict)
    kind: PassageKind = PassageKind.PROSE
    beginning: str = ""
    """Its document's first words, which often tell from when it applies."""
