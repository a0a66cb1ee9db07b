"""Ingests a file: fetches, parses, cuts and embeds it, and stores its vectors. Every step is repeatable."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from eventbus.retry.policy import RetryLater, is_transient
from service_kit.database.engine import Database

from rag_service.domain.document import Chunk, DocumentState, FileVersion, Unreadable
from rag_service.domain.ingestion_lane import POSTPONED, is_large_file, is_large_text
from rag_service.domain.own_vectors import with_own_vector
from rag_service.domain.reading_report import report_of
from rag_service.ports import DIMENSIONS, Chunker, Parser, Point, VectorsDamaged, VectorsDown, VectorStore
from rag_service.store.chunks import StoredChunk
from rag_service.store.documents import BEGIN_SQL, PROGRESS_SQL
from rag_service.usecases.embed_document import Encoder, RunSlices, embed_document
from rag_service.usecases.passage_vectors import PassageVectors

UPSERT_BATCH = 2_000
"""Points stored between two updates of the progress; each time the vectors are flushed to the disk."""
MAX_REASON_CHARACTERS = 500
VECTORS_AWAY = "The store of vectors can't be used at the moment."
TRIED_AGAIN = "Something went wrong while it was read. It is tried again; after that it is among the dead letters."

UNKNOWN = np.zeros(DIMENSIONS, np.float32)
"""The vector of a passage stored without an encoder: it is near no query, so only its terms find it."""

NAMESPACE = uuid.UUID("6f2f7c50-5a64-4c0e-9a0d-2f6d7c1b8e11")
"""Namespace of chunk ids: the same version of a document always has the same chunk ids."""


@dataclass(frozen=True)
class IngestResult:
    """The result of an ingestion: chunks, a failure, postponed, or outdated."""

    file_version: FileVersion
    chunks: tuple[StoredChunk, ...] = ()
    pages: int | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    failure: Unreadable | None = None
    postponed: bool = False
    """The file is large, and is to be ingested in the queue of large files."""
    outdated: bool = False
    """The file was deleted or replaced during the ingestion."""


Fetch = Callable[[], bytes]
"""Returns the bytes; raises RetryLater if they are unavailable now, Unreadable if they always will be."""


class _Large(Exception):
    """The file takes longer than small ones may."""


class Ingestor:
    """Ingests files. A failure leaves only progress and points that nothing finds yet."""

    def __init__(
        self,
        database: Database,
        parser: Parser,
        small_parser: Parser,
        chunker: Chunker,
        encoder: Callable[[], Encoder | None],
        small_encoder: Callable[[], Encoder | None],
        vectors: VectorStore,
        *,
        run_slices: RunSlices,
        most_rows: int,
    ) -> None:
        """`encoder` returns None without a model, and raises RetryLater while one is being installed.

        `small_encoder` returns None then, too: small files are found by their words alone until `vector_addition` adds
        their vectors.
        `small_parser` parses small files; it has less time. `most_rows`: passages of rows per document that get a
        vector of their own.
        """
        self._database = database
        self._parser = parser
        self._small_parser = small_parser
        self._chunker = chunker
        self._encoder = encoder
        self._small_encoder = small_encoder
        self._vectors = vectors
        self._run_slices = run_slices
        self._most_rows = most_rows

    def ingest_small(self, file_version: FileVersion, fetch: Fetch, *, size_bytes: int = 0) -> IngestResult:
        """Ingest a file if it is small, as `ingest` does; else return a result that is postponed.

        `size_bytes`: the file's size where it is known before the file is fetched.
        """
        try:
            if is_large_file(file_version.kind, size_bytes):
                raise _Large
            return self._guarded(file_version, fetch, small=True)
        except _Large:
            # A deleted file's name must not be stored once more.
            exists = bool(self._record_state(file_version, DocumentState.WAITING, POSTPONED))
            return IngestResult(file_version, postponed=exists, outdated=not exists)

    def ingest(self, file_version: FileVersion, fetch: Fetch) -> IngestResult:
        """Return a file's chunks, with their vectors stored; raise RetryLater if a dependency is unavailable.

        Other exceptions are unexpected; the document shows the failure, because it may happen each time.
        """
        return self._guarded(file_version, fetch, small=False)

    def _guarded(self, file_version: FileVersion, fetch: Fetch, *, small: bool) -> IngestResult:
        try:
            return self._ingest(file_version, fetch, small=small)
        except RetryLater as reason:
            self._record_state(file_version, DocumentState.WAITING, str(reason)[:MAX_REASON_CHARACTERS])
            raise
        except Exception as error:
            if not isinstance(error, _Large) and not is_transient(error):
                self._record_state(file_version, DocumentState.FAILED, TRIED_AGAIN, "not_read")
            raise

    def _ingest(self, file_version: FileVersion, fetch: Fetch, *, small: bool) -> IngestResult:
        encoder = self._small_encoder() if small else self._encoder()
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
            chunks, pages, report = self._read(file_version, fetch, small=small)
        except Unreadable as failure:
            return IngestResult(file_version, failure=failure)
        try:
            stored = self._store(file_version, chunks, encoder)
        except VectorsDamaged:
            raise  # waiting mends nothing, and other companies would wait with this one
        except VectorsDown as reason:
            raise RetryLater(VECTORS_AWAY) from reason
        return IngestResult(file_version, tuple(stored), pages, report, outdated=not stored)

    def _read(
        self, file_version: FileVersion, fetch: Fetch, *, small: bool
    ) -> tuple[list[Chunk], int | None, dict[str, Any]]:
        """Return a file's passages, its pages and the report.

        Raises Unreadable, and _Large where it should be small and is not.
        """
        data = fetch()
        if small and is_large_file(file_version.kind, len(data)):
            raise _Large
        try:
            parser = self._small_parser if small else self._parser
            parsed = parser.parse(data, file_version.kind, file_version.name)
        except Unreadable as failure:
            if small and failure.code == "too_slow":
                raise _Large from None
            raise
        chunks = self._chunker.chunks(parsed)
        if not chunks:
            raise Unreadable("empty", "There is no text in it.")
        if small and is_large_text(len(chunks), len(with_own_vector(chunks, self._most_rows))):
            raise _Large
        return chunks, parsed.pages, report_of(parsed, chunks, file_version.kind)

    def _store(self, file_version: FileVersion, chunks: Sequence[Chunk], encoder: Encoder | None) -> list[StoredChunk]:
        """Return the chunks with their vectors, which are stored; nothing if the version is outdated."""
        vectors: PassageVectors | None = None
        if encoder is not None:
            vectors = embed_document(
                chunks,
                encoder,
                self._run_slices,
                most_rows=self._most_rows,
                goes_on=lambda embedded: self._record_progress(file_version, embedded),
            )
            if vectors is None:
                return []
        name = None if encoder is None else encoder.name
        embedded = 0 if vectors is None else len(vectors.own)
        stored: list[StoredChunk] = []
        for begin in range(0, len(chunks), UPSERT_BATCH):
            points = []
            for place, chunk in enumerate(chunks[begin : begin + UPSERT_BATCH], begin):
                chunk_id = uuid.uuid5(
                    NAMESPACE,
                    f"{file_version.company_id}:{file_version.document}:{file_version.version}:{chunk.ordinal}",
                )
                own = None if vectors is None else vectors.own.get(place)
                dense, shared = (UNKNOWN, False) if vectors is None else vectors.searched(place, chunk)
                kept = None if own is None else own.tobytes()
                stored.append(StoredChunk(chunk_id, file_version.document, file_version.version, chunk, kept, name))
                points.append(
                    Point(chunk_id, file_version.document, file_version.version, dense, chunk.searched, shared)
                )
            # Before the transaction: until it commits, these points belong to no row and are not shown.
            self._vectors.upsert(file_version.company_id, points)
            if not self._record_progress(file_version, max(embedded, begin + len(points))):
                return []
        return stored

    def _record_progress(self, file_version: FileVersion, read: int) -> bool:
        """Store the progress; if the file was deleted or replaced meanwhile, remove the vectors and return false."""
        parameters = {"company": file_version.company_id, "id": str(file_version.document), "read": read}
        return self._is_current(
            file_version, self._database.execute_and_commit(file_version.company_id, PROGRESS_SQL, parameters)
        )

    def _is_current(self, file_version: FileVersion, rows: Sequence[Any]) -> bool:
        """Return whether no later version is searchable, by the document's row; if not, remove its vectors."""
        if not rows:
            # The deletion may have removed the vectors before the last ones were stored.
            self._vectors.delete_older_versions(
                file_version.company_id, file_version.document, file_version.version + 1
            )
            return False
        searchable = rows[0].searchable_version
        if searchable > file_version.version:
            self._vectors.delete_older_versions(file_version.company_id, file_version.document, searchable)
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
