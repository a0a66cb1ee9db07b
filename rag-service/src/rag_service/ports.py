"""Ports: slow or replaceable dependencies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from rag_service.domain.document import Chunk, Parsed
from rag_service.domain.fusion import Fusion

Vector = NDArray[np.float32]
DIMENSIONS = 384
"""Of every vector of the encoder."""


class Parser(Protocol):
    """Parses untrusted files."""

    def parse(self, data: bytes, kind: str, name: str) -> Parsed:
        """Return a file's text; raise Unreadable. `kind` is one of pdf, word, excel, csv, text, html, markdown."""


class Chunker(Protocol):
    """Cuts a document into passages."""

    def chunks(self, parsed: Parsed) -> list[Chunk]:
        """Return the passages in their order."""


@dataclass(frozen=True)
class Point:
    """A chunk in the vector store: numbers, never its text."""

    chunk_id: UUID
    document_id: UUID
    version: int
    dense: Vector
    searched: str
    """The indexed text, from which term weights are computed; the text itself is not stored."""
    shared: bool = False
    """Whether the vector is that of its table (`domain/own_vectors.py`): such a point is found by its terms alone, and
    the vector only counts in its score."""


@dataclass(frozen=True)
class Query:
    """A query to the vector store."""

    text: str
    dense: Vector | None
    """None without an encoder: then BM25 alone decides."""
    limit: int
    documents: Sequence[UUID] | None = None
    """Only these; None: all of the company."""
    fusion: Fusion | None = None
    """How the candidates are ordered; None: by the default."""


@dataclass(frozen=True)
class Hit:
    """A search hit; `score` is 0 to 1, comparable between questions."""

    chunk_id: UUID
    document_id: UUID
    score: float
    cosine: float | None = None
    """Cosine of question and passage, if known."""
    share: float | None = None
    """Share of the question that the passage says in its terms; None if the question has no terms."""


class VectorStore(Protocol):
    """Vectors of all companies. Each call names its company, and reaches no other company's points.

    Every method raises VectorsDown if the store cannot be used now. Safe in any thread.
    """

    def upsert(self, company_id: int, points: Sequence[Point]) -> None:
        """Store points, in place of those with the same id; they are found from now on."""

    def search(self, company_id: int, question: Query) -> list[Hit]:
        """Return the company's best chunks."""

    def candidates(self, company_id: int, question: Query) -> list[Hit]:
        """Return all chunks that a search orders, also those beyond its limit, best first."""

    def outdated(self, company_id: int) -> int:
        """Return how many chunks have terms of an earlier form, from before an upgrade."""

    def delete_older_versions(self, company_id: int, document: UUID, version: int) -> None:
        """Remove the points of a document's earlier versions, from disk too; later versions may already have points."""

    def delete_document(self, company_id: int, document: UUID) -> None:
        """Remove all points of a document, from disk too."""

    def delete_company(self, company_id: int) -> None:
        """Remove all points of a company, from disk too."""

    def count(self, company_id: int) -> int:
        """Return how many points a company has."""

    def check(self) -> None:
        """Check that the store can be used."""

    def close(self) -> None:
        """Release files and connections."""


class VectorsDown(Exception):
    """The vector store cannot be used at the moment."""

    retry_after_seconds = 5


class VectorsDamaged(VectorsDown):
    """One company's vectors are unreadable, and a retry does not help; other companies' are not affected. A rebuild
    creates them again."""
