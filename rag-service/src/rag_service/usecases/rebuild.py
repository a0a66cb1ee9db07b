"""Makes all vectors of a company again from PostgreSQL, which holds texts and usually vectors, too."""

from uuid import UUID

import numpy as np
from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from rag_service import events
from rag_service.ports import Point, VectorStore
from rag_service.store import chunks, documents, rebuilds
from rag_service.store.chunks import StoredChunk
from rag_service.store.rebuilds import Rebuild
from rag_service.usecases.context import in_context
from rag_service.usecases.ingest import UNKNOWN, Encoder


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


def rebuild(database: Database, vectors: VectorStore, encoder: Encoder | None, company_id: int) -> int:
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
    done = 0
    # One document per session: a rebuild may take minutes, and holds no transaction.
    for document in wanted:
        done += fill(database, vectors, encoder, company_id, document)
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


def current_version(database: Database, company_id: int, document: UUID) -> int | None:
    """Return a document's current version, or None."""
    with database.session(company_id) as session:
        found = documents.find(session, company_id, document)
    return None if found is None else found.version


def fill(database: Database, vectors: VectorStore, encoder: Encoder | None, company_id: int, document: UUID) -> int:
    """Store the vectors of a document's current version, and remove outdated ones; return their number."""
    with database.session(company_id) as session:
        stored = chunks.of_document(session, company_id, document)
    if not stored:
        return 0
    raw = _vectors(database, encoder, company_id, stored)
    points = [Point(each.id, document, each.version, raw[each.id], each.chunk.searched) for each in stored]
    vectors.upsert(company_id, points)
    with database.session(company_id) as session:
        now = documents.find(session, company_id, document)
    # A concurrent deletion or replacement may have removed the vectors before these were stored.
    if now is None:
        vectors.delete_document(company_id, document)
    elif now.version > stored[0].version:
        vectors.delete_older_versions(company_id, document, now.version)
    return len(stored)


def _vectors(
    database: Database, encoder: Encoder | None, company_id: int, stored: list[StoredChunk]
) -> dict[UUID, np.ndarray]:
    """Return a vector per passage of a document, as stored or newly embedded."""
    if encoder is None or all(each.vector is not None and each.encoder == encoder.name for each in stored):
        return {
            each.id: UNKNOWN if each.vector is None else np.frombuffer(each.vector, np.float16).astype(np.float32)
            for each in stored
        }
    rows = in_context(encoder.embed_all([each.chunk.searched for each in stored])).astype(np.float16)
    with database.session(company_id) as session, session.begin():
        kept = [(each.id, row.tobytes()) for each, row in zip(stored, rows, strict=True)]
        chunks.set_vectors(session, company_id, encoder.name, kept)
    return {each.id: row.astype(np.float32) for each, row in zip(stored, rows, strict=True)}
