"""One company's vectors in a folder: a shard of Qdrant Edge.

Three settings differ from the library's defaults, each for a measured reason (docs/retrieval.md):

- No write-ahead log, because it would keep deleted points. Each change is flushed before its call returns.

- No HNSW graph: building one holds Python's interpreter lock for half a minute per 20,000 vectors on a busy machine,
while the whole process stands still. Vectors are quantized to eight bits and all are compared.

- Deleted points are vacuumed soon, together with concurrent deletions, not when they are a fifth of a segment.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from uuid import UUID

import qdrant_edge as qdrant

from rag_service.adapters.vectors import bm25
from rag_service.adapters.vectors.bm25 import TermWeights
from rag_service.adapters.vectors.idf import IdfCache
from rag_service.adapters.vectors.ranking import DIMENSIONS, Lookup, Match
from rag_service.ports import Point

DENSE, WORDS = "dense", "words"
DOCUMENT, VERSION, FORM, SHARED = "document", "version", "form", "shared"
NEVER_INDEXED_KB = 2**40
INDEXED_FROM = 2_000
"""Points from which on a document index is worth its 5 MB."""
VACUUM_DELAY_SECONDS = 0.1
"""How long a vacuum waits for concurrent deletions."""
BATCH_POINTS = 500
"""Points in one call; larger batches of Python objects would take memory that is not released."""


class Shard:
    """A shard that is open. Searches may run at the same time as anything but `close`."""

    def __init__(self, folder: Path) -> None:
        """Open it; raise the library's Exception where it can't be read."""
        self._edge = qdrant.EdgeShard.load(str(folder), _config())
        self._changing = Lock()
        self.idf_cache = IdfCache()
        """Cleared by every change here, so that equal passages always get equal scores."""
        self._has_shared = SHARED in self._edge.info().payload_schema
        """Whether points ever shared a vector; else no search has to tell them apart."""
        self._deletions = 0
        self._vacuumed = -1
        """The last vacuumed deletion. It starts below 0, because the previous process may have died before its vacuum.
        """
        self.users = 0
        """How many threads use the shard; its owner closes it only at 0."""

    def count(self) -> int:
        """Return the exact number of points."""
        return int(self._edge.count(qdrant.CountRequest(exact=True)))

    def outdated(self) -> int:
        """Return the number of points whose terms have an earlier form."""
        current = qdrant.Filter(must_not=[_is(FORM, bm25.INDEX_FORM)])
        return int(self._edge.count(qdrant.CountRequest(exact=True, filter=current)))

    def size(self) -> int:
        """Return the number of points by the shard's own statistics."""
        return int(self._edge.info().points_count)

    def look_up(self, lookups: Sequence[Lookup]) -> list[list[Match]]:
        """Return a list per lookup, best first."""
        requests = [_request(each, self._has_shared) for each in lookups]
        answers = self._edge.query_batch(qdrant.QueryBatchRequest(requests))
        return [[_found(point, each) for point in points] for each, points in zip(lookups, answers, strict=True)]

    def put(self, points: Sequence[Point]) -> None:
        """Store points; they are on disk when this returns."""
        for start in range(0, len(points), BATCH_POINTS):
            # Outside the lock: counting terms takes ten times as long as the update, and others' points would wait.
            few = [_point(point) for point in points[start : start + BATCH_POINTS]]
            with self._changing:
                self._edge.update(qdrant.UpdateOperation.upsert_points(few))
        with self._changing:
            self.idf_cache.clear()
            if DOCUMENT not in self._edge.info().payload_schema and self.size() >= INDEXED_FROM:
                self._index(DOCUMENT)
            if not self._has_shared and any(point.shared for point in points):
                self._index(SHARED)
                self._has_shared = True
            self._edge.flush()

    def _index(self, field: str) -> None:
        self._edge.update(qdrant.UpdateOperation.create_field_index(field, qdrant.PayloadSchemaType.Keyword))

    def remove(self, document: UUID, *, before: int | None = None) -> None:
        """Remove a document's points, or those of versions before one; nothing of them is on disk when this returns."""
        conditions = [_is(DOCUMENT, str(document))]
        if before is not None:
            conditions.append(qdrant.FieldCondition(VERSION, range=qdrant.RangeFloat(lt=before)))
        gone = qdrant.Filter(must=list(conditions))
        with self._changing:
            if self._edge.count(qdrant.CountRequest(exact=True, filter=gone)):
                self._edge.update(qdrant.UpdateOperation.delete_points_by_filter(gone))
                self._edge.flush()
                self._deletions += 1
                self.idf_cache.clear()
            mine = self._deletions
        self._vacuum(mine)

    def _vacuum(self, deletion: int) -> None:
        """Return once all deletions up to this one are off the disk; concurrent deletions share one vacuum."""
        if self._vacuumed >= deletion:
            return
        # A vacuum stops the process for tenths of a second to seconds, so there should be few.
        time.sleep(VACUUM_DELAY_SECONDS)
        with self._changing:
            if self._vacuumed >= deletion:
                return
            through = self._deletions
            if self._edge.optimize():
                self._edge.flush()
            self._vacuumed = through

    def close(self) -> None:
        """Flush and close the files."""
        with self._changing:
            self._edge.flush()
            self._edge.close()


def make(folder: Path) -> None:
    """Create an empty shard in an existing, empty folder."""
    edge = qdrant.EdgeShard.create(str(folder), _config())
    edge.flush()
    edge.close()


def _config() -> qdrant.EdgeConfig:
    return qdrant.EdgeConfig(
        vectors={
            DENSE: qdrant.EdgeVectorParams(
                DIMENSIONS,
                qdrant.Distance.Cosine,
                datatype=qdrant.VectorStorageDatatype.Turbo8,
                # Otherwise opening reads a mostly empty file of 33 MB, and fifty companies take 2 GB.
                memory=qdrant.Memory.Cold,
            )
        },
        sparse_vectors={WORDS: qdrant.EdgeSparseVectorParams(modifier=qdrant.Modifier.Idf)},
        optimizers=qdrant.EdgeOptimizersConfig(
            # One deleted point of a million is more than this.
            deleted_threshold=1e-9,
            vacuum_min_vector_number=1,
            default_segment_number=1,
            indexing_threshold=NEVER_INDEXED_KB,
        ),
        max_search_threads=1,
        wal_enabled=False,
    )


def _request(lookup: Lookup, has_shared: bool) -> qdrant.QueryRequest:
    if isinstance(lookup.by, TermWeights):
        by = qdrant.Query.Nearest(qdrant.SparseVector(lookup.by.words, lookup.by.values), using=WORDS)
    else:
        by = qdrant.Query.Nearest(lookup.by.tolist(), using=DENSE)
    return qdrant.QueryRequest(
        lookup.limit, query=by, filter=_only(lookup, has_shared), with_vector=[WORDS] if lookup.with_weights else False,
        with_payload=[DOCUMENT] if lookup.with_document else False,
    )  # fmt: skip


def _only(lookup: Lookup, has_shared: bool) -> qdrant.Filter | None:
    conditions: list[qdrant.FieldCondition | qdrant.HasIdCondition | qdrant.IsEmptyCondition] = []
    if lookup.documents is not None:
        named = qdrant.MatchAny([str(document) for document in lookup.documents])
        conditions.append(qdrant.FieldCondition(DOCUMENT, match=named))
    if lookup.among is not None:
        conditions.append(qdrant.HasIdCondition(set(lookup.among)))
    if lookup.own_vectors and has_shared:
        conditions.append(qdrant.IsEmptyCondition(SHARED))
    return qdrant.Filter(must=list(conditions)) if conditions else None


def _is(name: str, value: str | int) -> qdrant.FieldCondition:
    return qdrant.FieldCondition(name, match=qdrant.MatchValue(value))


def _found(point: qdrant.ScoredPoint, lookup: Lookup) -> Match:
    # Read once, because the library creates these objects on each access.
    chunk, payload = point.id, point.payload if lookup.with_document else None
    stored = point.vector[WORDS] if lookup.with_weights and isinstance(point.vector, dict) else None
    return Match(
        chunk if isinstance(chunk, UUID) else UUID(str(chunk)),
        point.score,
        dict(zip(stored.indices, stored.values, strict=True)) if isinstance(stored, qdrant.SparseVector) else {},
        payload[DOCUMENT] if payload else None,
    )


def _point(point: Point) -> qdrant.Point:
    counted = bm25.passage_terms(point.searched)
    return qdrant.Point(
        point.chunk_id,
        {DENSE: point.dense.tolist(), WORDS: qdrant.SparseVector(counted.words, counted.values)},
        {
            DOCUMENT: str(point.document_id),
            VERSION: point.version,
            FORM: bm25.INDEX_FORM,
            **({SHARED: "yes"} if point.shared else {}),
        },
    )
