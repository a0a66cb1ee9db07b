"""What this service needs of the outside: slow, or replaceable."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.document import Chunk, Parsed

Vector = NDArray[np.float32]
DIMENSIONS = 384
"""Of every vector: the encoder's."""


class Parser(Protocol):
    """Reads files that strangers wrote."""

    def parse(self, data: bytes, kind: str, name: str) -> Parsed:
        """Return a file's text; raise Unreadable. `kind` is one of pdf, word, excel, csv, text, html, markdown."""


class Chunker(Protocol):
    """Cuts a document into passages."""

    def chunks(self, parsed: Parsed) -> list[Chunk]:
        """Return the passages in their order."""


@dataclass(frozen=True)
class Point:
    """A chunk as the vector store keeps it: numbers, never its text."""

    chunk_id: UUID
    document_id: UUID
    version: int
    dense: Vector
    searched: str
    """The text that its words' weights are made of; the text itself is not stored."""


@dataclass(frozen=True)
class Question:
    """What is looked for."""

    text: str
    dense: Vector | None
    """None where there is no encoder: then words alone decide."""
    limit: int
    documents: Sequence[UUID] | None = None
    """Only these; None: all of the company."""


@dataclass(frozen=True)
class Hit:
    """A chunk that the store found, best first; `score` is how well it fits, 0 to 1, comparable between questions."""

    chunk_id: UUID
    document_id: UUID
    score: float
    cosine: float | None = None
    """Of question and passage, where it is known."""


class VectorStore(Protocol):
    """The one guarded door to the vectors: each call names its company, and reaches nothing of another.

    Every method raises VectorsDown where the store can't be used now. Safe in any thread.
    """

    def upsert(self, company_id: int, points: Sequence[Point]) -> None:
        """Store points, in place of those with the same id; they are found from now on."""

    def search(self, company_id: int, question: Question) -> list[Hit]:
        """Return the company's best chunks."""

    def delete_older_versions(self, company_id: int, document: UUID, version: int) -> None:
        """Remove the points of a document's versions before this one, from disk too; later ones may be on their way."""

    def delete_document(self, company_id: int, document: UUID) -> None:
        """Remove all points of a document, from disk too."""

    def delete_company(self, company_id: int) -> None:
        """Remove all points of a company, from disk too."""

    def count(self, company_id: int) -> int:
        """Return how many points a company has."""

    def check(self) -> None:
        """Return where the store can be used."""

    def close(self) -> None:
        """Give files and connections back."""


class VectorsDown(Exception):
    """The vector store can't be used at the moment."""

    retry_after_seconds = 5


class VectorsDamaged(VectorsDown):
    """One company's vectors can't be read, and won't by waiting; others' can. A rebuild makes them anew."""
