"""Makes all vectors of a company again from PostgreSQL, which holds texts and usually vectors, too."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.domain.own_vectors import MAX_ROW_VECTORS
from rag_service.ports import Point, VectorStore
from rag_service.store import chunks, documents, rebuilds
from rag_service.store.chunks import StoredChunk
from rag_service.store.rebuilds import Rebuild
from rag_service.usecases.embed_document import Encoder, RunSlices, embed_document, one_by_one
from rag_service.usecases.ingest import UNKNOWN, UPSERT_BATCH
from rag_service.usecases.passage_vectors import PassageVectors


def request_rebuild(
    session: Session, company_id: int, cause: Cause, *, idempotency_key: IdempotencyKey[Rebuild]
) -> Rebuild:
    """Request a rebuild of a company's vectors by the worker. Raises Replayed for a repeated Idempotency-Key."""
    with session.begin():
        idempotency_key.claim(session)
        number = rebuilds.request(session, company_id)
        outbox.add(session, events.rebuild_requested(company_id, number, cause))
        requested = rebuilds.find(session, company_id)
        assert requested is not None
        idempotency_key.store(session, requested)
    return requested


def rebuild(
    database: Database,
    vectors: VectorStore,
    encoder: Encoder | None,
    company_id: int,
    *,
    run_slices: RunSlices = one_by_one,
    most_rows: int = MAX_ROW_VECTORS,
) -> int:
    """Delete the company's vectors and store them again; return their number.

    A document stored without vectors, or with another encoder's, is embedded again, and its vectors are stored.
    """
    with database.session(company_id) as session:
        total = chunks.count(session, company_id)
    parameters = {"company": company_id, "done": 0, "total": total}
    database.execute_and_commit(company_id, rebuilds.PROGRESS_SQL, parameters)
    vectors.delete_company(company_id)
    # Queried after the deletion: documents committed before are included, and later ones are refilled (`refill`).
    with database.session(company_id) as session:
        wanted = documents.ids(session, company_id)
    embed = None if encoder is None else Embedding(encoder, run_slices, most_rows)
    done = 0
    # One document per session: a rebuild may take minutes, and holds no transaction.
    for document in wanted:
        done += fill(database, vectors, embed, company_id, document)
        parameters = {"company": company_id, "done": done, "total": max(done, total)}
        database.execute_and_commit(company_id, rebuilds.PROGRESS_SQL, parameters)
    return done


def refill(database: Database, vectors: VectorStore, company_id: int, document: UUID) -> None:
    """Store the vectors of a just ingested document again, if a rebuild may have removed them before its commit.

    Raises VectorsDown.
    """
    with database.session(company_id) as session:
        lately = rebuilds.is_recent(session, company_id)
    if lately:
        fill(database, vectors, None, company_id, document)


def searchable_version(database: Database, company_id: int, document: UUID) -> int | None:
    """Return the version of a document's passages, or None without passages."""
    with database.session(company_id) as session:
        found = documents.find(session, company_id, document)
    return None if found is None else found.searchable_version


def newest_version(database: Database, company_id: int, document: UUID) -> int | None:
    """Return the version of a document's passages, or the one being read without passages; None without a document."""
    with database.session(company_id) as session:
        found = documents.find(session, company_id, document)
    return None if found is None else found.searchable_version or found.version


@dataclass(frozen=True)
class Embedding:
    """How documents are embedded anew."""

    encoder: Encoder
    run_slices: RunSlices
    most_rows: int


def fill(database: Database, vectors: VectorStore, embed: Embedding | None, company_id: int, document: UUID) -> int:
    """Store the vectors of a document's searchable version, and remove outdated ones; return their number."""
    with database.session(company_id) as session:
        stored = chunks.of_document(session, company_id, document)
    if not stored:
        return 0
    of, made = _vectors(embed, stored)
    for begin in range(0, len(stored), UPSERT_BATCH):
        points = []
        for place, each in enumerate(stored[begin : begin + UPSERT_BATCH], begin):
            dense, shared = (UNKNOWN, False) if of is None else of.searched(place, each.chunk)
            points.append(Point(each.id, document, each.version, dense, each.chunk.searched, shared))
        vectors.upsert(company_id, points)
    if made and embed is not None:
        # After the upsert: where that fails, the document still counts as one without vectors.
        with database.session(company_id) as session, session.begin():
            chunks.set_vectors(session, company_id, embed.encoder.name, made)
    with database.session(company_id) as session:
        now = documents.find(session, company_id, document)
    # A concurrent deletion or replacement may have removed the vectors before these were stored.
    if now is None:
        vectors.delete_document(company_id, document)
    elif now.searchable_version is not None and now.searchable_version > stored[0].version:
        vectors.delete_older_versions(company_id, document, now.searchable_version)
    return len(stored)


def _vectors(
    embed: Embedding | None, stored: list[StoredChunk]
) -> tuple[PassageVectors | None, list[tuple[UUID, bytes | None]]]:
    """Return the vectors of a document's passages, as stored or newly embedded, None where there are none; and what is
    to be stored of new ones."""
    passages = [each.chunk for each in stored]
    own = {place: each.vector for place, each in enumerate(stored) if each.vector is not None}
    complete = own and all(each.encoder is not None for each in stored)
    if embed is None or (complete and all(each.encoder == embed.encoder.name for each in stored)):
        halves = {place: np.frombuffer(vector, np.float16) for place, vector in own.items()}
        return PassageVectors.of(passages, halves) if own else None, []
    made = embed_document(passages, embed.encoder, embed.run_slices, most_rows=embed.most_rows)
    assert made is not None
    return made, [
        (each.id, half.tobytes() if (half := made.own.get(place)) is not None else None)
        for place, each in enumerate(stored)
    ]
