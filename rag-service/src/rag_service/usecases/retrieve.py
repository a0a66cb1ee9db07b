"""Retrieves passages for a query: a search in the vector store, then a read from PostgreSQL."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service_kit.database.engine import Database

from rag_service.domain.fusion import Fusion
from rag_service.domain.passage import Passage
from rag_service.domain.selection import diversify
from rag_service.ports import Hit, Query, VectorStore
from rag_service.store import chunks, documents
from rag_service.store.chunks import FoundChunk

FILE = "file"
EXTRA_CANDIDATES = 40
"""Extra hits, because a document may change during the search, and because passages of several documents are preferred.
"""

Embed = Callable[[Sequence[str]], Any]
"""Returns a row per text, or None where there is no encoder."""


@dataclass(frozen=True)
class Filters:
    """Which documents to look in."""

    sources: Sequence[UUID] | None = None
    names: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


Present = Callable[[int, Collection[UUID]], Collection[UUID]]
"""Returns the files of these that a company has now."""

FusionOf = Callable[[int], Fusion | None]
"""Returns the fusion that a company has chosen; None for the default."""


class Retriever:
    """Finds passages of one company."""

    def __init__(
        self,
        database: Database,
        vectors: VectorStore,
        embed: Embed,
        present: Present = lambda _company_id, files: files,
        fusion_of: FusionOf = lambda _company_id: None,
    ) -> None:
        """`present` filters out files that were just deleted; without it a deletion counts once its event arrived."""
        self._database = database
        self._vectors = vectors
        self._embed = embed
        self._present = present
        self._fusion_of = fusion_of

    def retrieve(
        self,
        company_id: int,
        query: str,
        top_k: int,
        *,
        filters: Filters | None = None,
        threshold: float = 0.0,
    ) -> list[Passage]:
        """Return at most `top_k` passages with a score of `threshold` or more, best first. Raises VectorsDown.

        Only hits that PostgreSQL, behind row-level security, has for this company now are returned.
        """
        wanted = self._documents(company_id, filters or Filters())
        if wanted is not None and not wanted:
            return []
        rows = self._embed([query])
        dense = None if rows is None else rows[0]
        fusion = self._fusion_of(company_id)
        hits = self._vectors.search(company_id, Query(query, dense, top_k + EXTRA_CANDIDATES, wanted, fusion))
        return self._read(company_id, [hit for hit in hits if hit.score >= threshold], top_k)

    def rows_of(self, company_id: int, document: UUID, most: int) -> list[Passage]:
        """Return the passages of rows of a document, in their order; none if there are more than `most`."""
        rows = self._database.execute_and_commit(
            company_id, chunks.READ_ROWS, {"company": company_id, "document": document, "most": most + 1}
        )
        found = sorted(chunks.found(rows).values(), key=lambda each: each.chunk.ordinal)
        if len(found) > most or not (found and self._present(company_id, {document})):
            return []
        return [_passage(Hit(each.id, document, 0.0), each) for each in found]

    def _read(self, company_id: int, hits: Sequence[Hit], top_k: int) -> list[Passage]:
        """Read the passages to show, and replace missing ones by the next hits."""
        found: dict[UUID, FoundChunk] = {}
        present: set[UUID] = set()
        while True:
            chosen = diversify(hits, top_k)
            unread = [hit.chunk_id for hit in chosen if hit.chunk_id not in found]
            if unread:
                rows = self._database.execute_and_commit(company_id, chunks.READ, chunks.wanted(company_id, unread))
                read = chunks.found(rows)
                files = {each.document_id for each in read.values() if each.origin == FILE} - present
                present |= set(self._present(company_id, files)) if files else set()
                found |= {
                    chunk: each for chunk, each in read.items() if each.origin != FILE or each.document_id in present
                }
            gone = set(unread) - found.keys()
            if not gone:
                return [_passage(hit, found[hit.chunk_id]) for hit in chosen]
            hits = [hit for hit in hits if hit.chunk_id not in gone]

    def _documents(self, company_id: int, filters: Filters) -> list[UUID] | None:
        """Return the ids of the documents to search; None: all."""
        wanted = None if filters.sources is None else list(filters.sources)
        if not filters.names and not filters.kinds:
            return wanted
        with self._database.session(company_id) as session:
            named = documents.ids_named(session, company_id, filters.names, filters.kinds)
        return named if wanted is None else [each for each in wanted if each in set(named)]


def _passage(hit: Hit, found: FoundChunk) -> Passage:
    chunk = found.chunk
    return Passage(
        chunk_id=found.id,
        document_id=found.document_id,
        source_type=found.origin,
        title=found.name,
        heading=chunk.heading,
        locator=chunk.locator,
        text=chunk.text,
        score=hit.score,
        metadata={
            "kind": found.kind,
            "document_title": chunk.title,
            "ordinal": chunk.ordinal,
            "updated_at": found.updated_at.isoformat(),
            "saved": found.saved,
        },
        kind=chunk.kind,
        beginning=found.beginning,
    )
