"""Ingests a file: fetches, parses, cuts and embeds it, and stores its vectors. Every step is repeatable."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from eventbus.retry.policy import RetryLater, is_transient
from service_kit.database.engine import Database

from rag_service.domain.document import Chunk, DocumentState, Unreadable
from rag_service.ports import DIMENSIONS, Chunker, Parser, Point, VectorsDamaged, VectorsDown, VectorStore
from rag_service.store.chunks import StoredChunk
from rag_service.store.documents import BEGIN_SQL, PROGRESS_SQL
from rag_service.usecases.context import in_context

EMBED_BATCH = 96
"""Passages embedded between two updates of the progress."""
UPSERT_BATCH = 500
MAX_REASON_CHARACTERS = 500
VECTORS_AWAY = "The store of vectors can't be used at the moment."
TRIED_AGAIN = "Something went wrong while it was read. It is tried again; after that it is among the dead letters."

UNKNOWN = np.zeros(DIMENSIONS, np.float32)
"""The vector of a passage stored without an encoder: it is near no query, so only its terms find it."""

NAMESPACE = uuid.UUID("6f2f7c50-5a64-4c0e-9a0d-2f6d7c1b8e11")
"""Namespace of chunk ids: the same version of a document always has the same chunk ids."""


@dataclass(frozen=True)
class FileVersion:
    """A version of a file to ingest."""

    company_id: int
    document: uuid.UUID
    version: int
    name: str
    kind: str
    origin: str


@dataclass(frozen=True)
class IngestResult:
    """The result of an ingestion: chunks, a failure, or outdated."""

    file_version: FileVersion
    chunks: tuple[StoredChunk, ...] = ()
    pages: int | None = None
    failure: Unreadable | None = None
    outdated: bool = False
    """The file was deleted or replaced during the ingestion."""


class Encoder(Protocol):
    """Embeds texts, once it is ready."""

    @property
    def name(self) -> str:
        """Return the model's name and version."""

    def embed_all(self, texts: Sequence[str]) -> Any:
        """Return a row per text."""


Fetch = Callable[[], bytes]
"""Returns the bytes; raises RetryLater if they are unavailable now, Unreadable if they always will be."""


class Ingestor:
    """Ingests files. A failure leaves only progress and points that nothing finds yet."""

    def __init__(
        self,
        database: Database,
        parser: Parser,
        chunker: Chunker,
        encoder: Callable[[], Encoder | None],
        vectors: VectorStore,
    ) -> None:
        """`encoder` returns None without a model, and raises RetryLater while one is being installed."""
        self._database = database
        self._parser = parser
        self._chunker = chunker
        self._encoder = encoder
        self._vectors = vectors

    def ingest(self, file_version: FileVersion, fetch: Fetch) -> IngestResult:
        """Return a file's chunks, with their vectors stored; raise RetryLater if a dependency is unavailable.

        Other exceptions are unexpected; the document shows the failure, because it may happen each time.
        """
        try:
            return self._ingest(file_version, fetch)
        except RetryLater as reason:
            self._record_state(file_version, DocumentState.WAITING, str(reason)[:MAX_REASON_CHARACTERS])
            raise
        except Exception as error:
            if not is_transient(error):
                self._record_state(file_version, DocumentState.FAILED, TRIED_AGAIN, "not_read")
            raise

    def _ingest(self, file_version: FileVersion, fetch: Fetch) -> IngestResult:
        encoder = self._encoder()
        try:
            # Checked also at the start, because a process that was killed during ingestion may have left unwanted
            # vectors.
            if not self._is_current(file_version, self._record_state(file_version, DocumentState.READING)):
                return IngestResult(file_version, outdated=True)
        except VectorsDamaged:
            raise  # a retry does not help, and would delay other companies
        except VectorsDown as reason:
            raise RetryLater(VECTORS_AWAY) from reason
        try:
            parsed = self._parser.parse(fetch(), file_version.kind, file_version.name)
            chunks = self._chunker.chunks(parsed)
            if not chunks:
                raise Unreadable("empty", "There is no text in it.")
        except Unreadable as failure:
            return IngestResult(file_version, failure=failure)
        try:
            stored = self._store(file_version, chunks, encoder)
        except VectorsDamaged:
            raise  # waiting mends nothing, and other companies would wait with this one
        except VectorsDown as reason:
            raise RetryLater(VECTORS_AWAY) from reason
        return IngestResult(file_version, tuple(stored), parsed.pages, outdated=not stored)

    def _store(self, file_version: FileVersion, chunks: Sequence[Chunk], encoder: Encoder | None) -> list[StoredChunk]:
        """Return the chunks with their vectors, which are stored; nothing if the version is outdated."""
        rows = self._embedded(file_version, chunks, encoder) if encoder is not None else None
        if rows is None and encoder is not None:
            return []
        stored: list[StoredChunk] = []
        for begin in range(0, len(chunks), UPSERT_BATCH):
            points = []
            for index, chunk in enumerate(chunks[begin : begin + UPSERT_BATCH], begin):
                chunk_id = uuid.uuid5(
                    NAMESPACE,
                    f"{file_version.company_id}:{file_version.document}:{file_version.version}:{chunk.ordinal}",
                )
                half = None if rows is None else rows[index].astype(np.float16)
                # The stored vector is the searched one, so that a rebuild of Qdrant changes no result.
                dense = UNKNOWN if half is None else half.astype(np.float32)
                name = None if encoder is None else encoder.name
                kept = None if half is None else half.tobytes()
                stored.append(StoredChunk(chunk_id, file_version.document, file_version.version, chunk, kept, name))
                points.append(Point(chunk_id, file_version.document, file_version.version, dense, chunk.searched))
            # Before the transaction: until it commits, these points belong to no row and are not shown.
            self._vectors.upsert(file_version.company_id, points)
            if not self._record_progress(file_version, len(chunks)):
                return []
        return stored

    def _embedded(self, file_version: FileVersion, chunks: Sequence[Chunk], encoder: Encoder) -> Any | None:
        """Return the vectors of all passages, each in its document's context; None if the version is outdated."""
        parts = []
        for begin in range(0, len(chunks), EMBED_BATCH):
            part = chunks[begin : begin + EMBED_BATCH]
            parts.append(encoder.embed_all([each.searched for each in part]))
            if not self._record_progress(file_version, begin + len(part)):
                return None
        return in_context(np.concatenate(parts))

    def _record_progress(self, file_version: FileVersion, read: int) -> bool:
        """Store the progress; if the file was deleted or replaced meanwhile, remove the vectors and return false."""
        parameters = {"company": file_version.company_id, "id": str(file_version.document), "read": read}
        return self._is_current(
            file_version, self._database.execute_and_commit(file_version.company_id, PROGRESS_SQL, parameters)
        )

    def _is_current(self, file_version: FileVersion, rows: Sequence[Any]) -> bool:
        """Return whether this version is current, by the document's row; if not, remove its vectors."""
        if not rows:
            # The deletion may have removed the vectors before the last ones were stored.
            self._vectors.delete_older_versions(
                file_version.company_id, file_version.document, file_version.version + 1
            )
            return False
        if rows[0].version > file_version.version:
            self._vectors.delete_older_versions(file_version.company_id, file_version.document, rows[0].version)
            return False
        return True

    def _record_state(
        self, file_version: FileVersion, state: DocumentState, reason: str | None = None, code: str | None = None
    ) -> list[Any]:
        """Store the state for people, which is no effect of the event; return the document's row, if any."""
        return self._database.execute_and_commit(
            file_version.company_id,
            BEGIN_SQL,
            {
                "company": file_version.company_id,
                "id": str(file_version.document),
                "name": file_version.name,
                "kind": file_version.kind,
                "origin": file_version.origin,
                "version": file_version.version,
                "state": state.value,
                "reason": reason,
                "code": code,
            },
        )
