"""Adds the vectors of small documents that were stored by their words alone, before the encoder was ready."""

import time
from collections.abc import Callable
from uuid import UUID

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from rag_service.domain.ingestion_lane import MAX_SMALL_VECTORS
from rag_service.ports import VectorsDamaged, VectorsDown, VectorStore
from rag_service.store import chunks
from rag_service.usecases.embed_document import Encoder, RunSlices
from rag_service.usecases.rebuild import Embedding, fill

TURN_SECONDS = 5.0
"""How long one turn of the job takes at most, besides its last document; other jobs wait for it."""
PAUSE_SECONDS = 60.0
"""The pause once no document lacks vectors, or while the vector store is down."""

log = get_logger(__name__)


def vector_addition(
    database: Database,
    vectors: VectorStore,
    ready_encoder: Callable[[], Encoder | None],
    *,
    run_slices: RunSlices,
    most_rows: int,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[], None]:
    """Return a periodic job that embeds the small documents of all companies that have no vectors, a few at a time.

    `ready_encoder` returns None while there is no encoder; then nothing is done. Larger documents take too long for
    this job: they wait for the encoder, or get their vectors by a rebuild.
    """
    due = clock()

    def add_some() -> None:
        nonlocal due
        begun = clock()
        encoder = ready_encoder() if begun >= due else None
        if encoder is None:
            return
        embedding = Embedding(encoder, run_slices, most_rows)
        for company_id in database.companies():
            try:
                for document in _without_vectors(database, company_id):
                    fill(database, vectors, embedding, company_id, document)
                    if clock() - begun > TURN_SECONDS:
                        return
            except VectorsDamaged as reason:
                # Only a rebuild helps, and it adds these vectors, too.
                log.warning("vectors can't be added", company_id=company_id, reason=str(reason))
            except VectorsDown:
                break
        due = clock() + PAUSE_SECONDS

    return add_some


def _without_vectors(database: Database, company_id: int) -> list[UUID]:
    with database.session(company_id) as session:
        return chunks.documents_without_vectors(session, company_id, max_passages=MAX_SMALL_VECTORS)
