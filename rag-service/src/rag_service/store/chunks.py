"""Passages. PostgreSQL alone holds their text; search hits are read again from here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared
from sqlalchemy import text
from sqlalchemy.orm import Session

from rag_service.domain.document import Chunk, PassageKind

PAGE = 1_000


@dataclass(frozen=True)
class StoredChunk:
    """A chunk with its vector."""

    id: UUID
    document_id: UUID
    version: int
    chunk: Chunk
    vector: bytes | None
    """With half precision; None with an encoder: it shares its table's vector. None without one: it has none."""
    encoder: str | None


@dataclass(frozen=True)
class FoundChunk:
    """A chunk with its document's name, kind and first words, and when that was stored and saved."""

    id: UUID
    document_id: UUID
    name: str
    kind: str
    origin: str
    updated_at: datetime
    chunk: Chunk
    beginning: str
    """The document's first words, which often tell from when it applies; empty where they were not read."""
    saved: str | None
    """The day on which the file says that it was last saved."""


_INSERT = text("""
    insert into chunks (company_id, id, document_id, version, ordinal, title, heading, place, kind, text, vector,
                        encoder)
    select :company, given.id, :document, :version, ordinal, title, heading::jsonb, place, given.kind, given.text,
           decode(vector, 'hex'), encoder
    from unnest(
        cast(:ids as uuid[]), cast(:ordinals as int[]), cast(:titles as text[]), cast(:headings as text[]),
        cast(:places as text[]), cast(:kinds as text[]), cast(:texts as text[]), cast(:vectors as text[]),
        cast(:encoders as text[])
    ) as given (id, ordinal, title, heading, place, kind, text, vector, encoder)
""")

# Indexes: both primary keys and chunks_of, one lookup per row whatever the planner assumes. On tables without
# statistics row-level security makes a join read all rows of the company. Chunks of older versions are filtered out.
READ = Prepared(
    "read_chunks",
    """
    select chunk.id, document_id, name, document.kind, origin, document.updated_at, saved, ordinal, title, heading,
           place, chunk.kind as passage_kind, chunk.text, coalesce(beginning.text, '') as beginning
    from unnest(:ids) as wanted (id)
    cross join lateral (
        select * from chunks where chunks.company_id = :company and chunks.id = wanted.id limit 1
    ) as chunk
    cross join lateral (
        select name, kind, origin, updated_at, report -> 'read' ->> 'saved' as saved from documents
        where documents.company_id = :company and documents.id = chunk.document_id
            and coalesce(documents.searchable_version, documents.version) = chunk.version
        limit 1
    ) as document
    left join lateral (
        select left(opening.text, 400) as text from chunks as opening
        where opening.company_id = :company and opening.document_id = chunk.document_id
            and opening.version = chunk.version
        order by opening.ordinal limit 1
    ) as beginning on true
    """,
    {"company": "int", "ids": "uuid[]"},
)
"""Reads chunks; one statement, for `execute_and_commit`."""

# Index: chunks_of
READ_ROWS = Prepared(
    "read_rows",
    """
    select chunk.id, document_id, name, document.kind, origin, document.updated_at, saved, ordinal, title, heading,
           place, chunk.kind as passage_kind, text, '' as beginning
    from chunks as chunk
    cross join lateral (
        select name, kind, origin, updated_at, report -> 'read' ->> 'saved' as saved from documents
        where documents.company_id = :company and documents.id = chunk.document_id
            and coalesce(documents.searchable_version, documents.version) = chunk.version
        limit 1
    ) as document
    where chunk.company_id = :company and chunk.document_id = :document and chunk.kind = 'rows'
    order by ordinal
    limit :most
    """,
    {"company": "int", "document": "uuid", "most": "int"},
)
"""Reads a document's passages of rows, at most `most`, without its first words; for `execute_and_commit`."""

# Index: chunks_of
_OF_DOCUMENT = text("""
    select id, document_id, version, ordinal, title, heading, place, kind as passage_kind, text, vector, encoder
    from chunks
    where company_id = :company and document_id = :document
    order by ordinal
""")


def replace(session: Session, company_id: int, document: UUID, stored: Sequence[StoredChunk]) -> None:
    """Replace all chunks of a document, in the caller's transaction."""
    remove(session, company_id, document)
    for begin in range(0, len(stored), PAGE):
        part = stored[begin : begin + PAGE]
        session.execute(
            _INSERT,
            {
                "company": company_id,
                "document": document,
                "version": part[0].version,
                "ids": pg_array(each.id for each in part),
                "ordinals": pg_array(each.chunk.ordinal for each in part),
                "titles": pg_text_array(each.chunk.title for each in part),
                "headings": pg_text_array(orjson.dumps(each.chunk.heading).decode() for each in part),
                "places": pg_text_array(each.chunk.locator for each in part),
                "kinds": pg_text_array(each.chunk.kind.value for each in part),
                "texts": pg_text_array(each.chunk.text for each in part),
                "vectors": pg_text_array(None if each.vector is None else each.vector.hex() for each in part),
                "encoders": pg_text_array(each.encoder for each in part),
            },
        )


def remove(session: Session, company_id: int, document: UUID) -> None:
    """Delete a document's chunks."""
    query = text("delete from chunks where company_id = :company and document_id = :document")
    session.execute(query, {"company": company_id, "document": document})


def wanted(company_id: int, ids: Sequence[UUID]) -> dict[str, Any]:
    """Return the parameters of `READ`."""
    return {"company": company_id, "ids": pg_array(ids)}


def found(rows: Sequence[Any]) -> dict[UUID, FoundChunk]:
    """Return the rows of `READ` by id: the requested chunks that the company has now."""
    return {
        row.id: FoundChunk(
            row.id,
            row.document_id,
            row.name,
            row.kind,
            row.origin,
            row.updated_at,
            _chunk(row),
            row.beginning,
            row.saved,
        )
        for row in rows
    }


def of_document(session: Session, company_id: int, document: UUID) -> list[StoredChunk]:
    """Return a document's chunks in their order."""
    rows = session.execute(_OF_DOCUMENT, {"company": company_id, "document": document})
    return [
        StoredChunk(row.id, row.document_id, row.version, _chunk(row), _bytes(row.vector), row.encoder) for row in rows
    ]


def set_vectors(session: Session, company_id: int, encoder: str, vectors: Sequence[tuple[UUID, bytes | None]]) -> None:
    """Store vectors that were missing, or another encoder's; None: the passage shares its table's."""
    for begin in range(0, len(vectors), PAGE):
        _set_vectors(session, company_id, encoder, vectors[begin : begin + PAGE])


def _set_vectors(session: Session, company_id: int, encoder: str, vectors: Sequence[tuple[UUID, bytes | None]]) -> None:
    session.execute(
        text("""
            update chunks set vector = decode(given.vector, 'hex'), encoder = :encoder
            from unnest(cast(:ids as uuid[]), cast(:vectors as text[])) as given (id, vector)
            where company_id = :company and chunks.id = given.id
        """),
        {
            "company": company_id,
            "encoder": encoder,
            "ids": pg_array(chunk for chunk, _ in vectors),
            "vectors": pg_text_array(None if vector is None else vector.hex() for _, vector in vectors),
        },
    )


def documents_without_vectors(session: Session, company_id: int, *, max_passages: int) -> list[UUID]:
    """Return the documents that were stored without an encoder and have at most so many passages.

    Index: chunks_without_vectors.
    """
    query = text("""
        select document_id from chunks
        where company_id = :company and encoder is null
        group by document_id having count(*) <= :most
        order by document_id
    """)
    return list(session.execute(query, {"company": company_id, "most": max_passages}).scalars())


def count(session: Session, company_id: int) -> int:
    """Return how many chunks a company has."""
    query = text("select count(*) from chunks where company_id = :company")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def _chunk(row: Any) -> Chunk:
    return Chunk(row.ordinal, row.text, row.title, tuple(row.heading), row.place, PassageKind(row.passage_kind))


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)
