"""Stores the terms of passages again after an upgrade that changed their form.

Each passage in the vector store has a mark of its form (`VectorStore.outdated`). Passages of an earlier form are still
found, but not by what the new form adds. They are replaced one document after the other, from PostgreSQL, so nothing is
missing meanwhile and nobody has to request a rebuild.
"""

import time
from collections.abc import Callable, Iterator

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger

from rag_service.ports import VectorsDamaged, VectorsDown, VectorStore
from rag_service.store import documents
from rag_service.usecases.rebuild import fill

TURN_SECONDS = 5.0
"""How long one turn of the job takes at most, besides its last document; other jobs wait for it."""
RETRY_SECONDS = 60.0
"""The pause while the vector store is down."""

log = get_logger(__name__)


def renewal(
    database: Database, vectors: VectorStore, *, clock: Callable[[], float] = time.monotonic
) -> Callable[[], None]:
    """Return a periodic job that renews all companies' passages once, a few seconds at a time."""
    work: Iterator[None] | None = _renewed(database, vectors)
    due = clock()

    def renew_some() -> None:
        nonlocal work, due
        begun = clock()
        if work is None or begun < due:
            return
        try:
            for _ in work:
                if clock() - begun > TURN_SECONDS:
                    return
            work = None
        except VectorsDown:
            # A generator that raised has ended. A new one passes over what is renewed already.
            work, due = _renewed(database, vectors), clock() + RETRY_SECONDS
        except Exception:
            work, due = _renewed(database, vectors), clock() + RETRY_SECONDS
            raise

    return renew_some


def _renewed(database: Database, vectors: VectorStore) -> Iterator[None]:
    """Renew the companies one after the other; yield after each document."""
    for company_id in database.companies():
        try:
            outdated = vectors.outdated(company_id)
            yield
            if not outdated:
                continue
            log.info("passages are indexed again after an upgrade", company_id=company_id, number=outdated)
            with database.session(company_id) as session:
                wanted = documents.ids(session, company_id)
            for document in wanted:
                fill(database, vectors, None, company_id, document)
                yield
        except VectorsDamaged as reason:
            # Only a rebuild helps, and it stores the current form.
            log.warning("passages can't be indexed again", company_id=company_id, reason=str(reason))
