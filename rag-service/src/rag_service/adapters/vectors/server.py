"""Vectors on a Qdrant server: one collection, in which each point has its company.

A filter isolates tenants. `_of` alone builds it, every search, count and deletion uses it, and results are checked
again: a point of another company is dropped and logged as an error.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any
from uuid import UUID

from cachetools import LRUCache, TTLCache
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, UnexpectedResponse
from service_kit.circuit_breaker import ILL, UNKNOWN, WELL, CircuitBreaker, CircuitOpen, Outcome
from service_kit.http_client import retry_after_seconds

from rag_service.adapters.vectors import bm25, ranking
from rag_service.adapters.vectors.bm25 import TermWeights
from rag_service.adapters.vectors.idf import IdfCache
from rag_service.adapters.vectors.ranking import DIMENSIONS, Lookup, Match, require_company_id
from rag_service.ports import Hit, Point, Query, VectorsDown

DENSE, WORDS = "dense", "words"
COMPANY, DOCUMENT, VERSION, FORM, SHARED = "company", "document", "version", "form", "shared"
DEADLINE_SECONDS = 5
BATCH_POINTS = 100
"""Points in one call, so that it ends within the deadline."""
MAX_COMPANIES = 10_000
SIZE_SECONDS = 30.0
"""How long the count of a company's points is cached; it determines the IDF of an unseen term."""

log = logging.getLogger(__name__)


def connect(url: str, api_key: str, collection: str) -> "ServerVectors":
    """Return the store of a server, without a call. `api_key`: empty for none."""
    client = QdrantClient(url, api_key=api_key or None, timeout=DEADLINE_SECONDS, check_compatibility=False)
    return ServerVectors(client, collection)


class ServerVectors:
    """The VectorStore of a server's collection."""

    def __init__(self, client: QdrantClient, collection: str, breaker: CircuitBreaker | None = None) -> None:
        self._client = client
        self._collection = collection
        self._breaker = breaker or CircuitBreaker()
        self._ready = False
        self._making = Lock()
        self._cache_lock = Lock()
        self._sizes: TTLCache[int, int, float] = TTLCache(MAX_COMPANIES, SIZE_SECONDS)
        self._idf_caches: LRUCache[int, IdfCache] = LRUCache(MAX_COMPANIES)

    def upsert(self, company_id: int, points: Sequence[Point]) -> None:
        """Store points; they are searchable and on the server's disk when this returns."""
        made = [_point(require_company_id(company_id), point) for point in points]
        for start in range(0, len(made), BATCH_POINTS):
            few = made[start : start + BATCH_POINTS]
            self._call(partial(self._client.upsert, self._collection, few, wait=True))
        self.idf_cache_of(company_id).clear()
        with self._cache_lock:
            self._sizes.pop(company_id, None)

    def search(self, company_id: int, question: Query) -> list[Hit]:
        """Return the company's best chunks."""
        return ranking.best(question, _Company(self, require_company_id(company_id)))

    def candidates(self, company_id: int, question: Query) -> list[Hit]:
        """Return all chunks that a search orders."""
        return ranking.candidates(question, _Company(self, require_company_id(company_id)))

    def outdated(self, company_id: int) -> int:
        """Return how many points have terms of an earlier form."""
        earlier = _of(company_id)
        earlier.must_not = [_is(FORM, bm25.INDEX_FORM)]
        return int(self._call(lambda: self._client.count(self._collection, earlier, exact=True)).count)

    def delete_older_versions(self, company_id: int, document: UUID, version: int) -> None:
        """Remove the points of a document's versions before this one."""
        older = models.FieldCondition(key=VERSION, range=models.Range(lt=version))
        self._remove(_of(company_id, _is(DOCUMENT, str(document)), older))

    def delete_document(self, company_id: int, document: UUID) -> None:
        """Remove all points of a document; the server frees their disk space later."""
        self._remove(_of(company_id, _is(DOCUMENT, str(document))))

    def delete_company(self, company_id: int) -> None:
        """Remove all points of a company."""
        self._remove(_of(company_id))

    def count(self, company_id: int) -> int:
        """Return how many points a company has."""
        mine = _of(company_id)
        return int(self._call(lambda: self._client.count(self._collection, mine, exact=True)).count)

    def check(self) -> None:
        """Check that the server answers, and create the collection if it is missing."""
        self._call(lambda: self._client.collection_exists(self._collection))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def look_up(self, company_id: int, lookups: Sequence[Lookup]) -> list[list[Match]]:
        """Return a list per lookup, best first, of this company's points alone."""
        requests = [_request(company_id, lookup) for lookup in lookups]
        answers = self._call(lambda: self._client.query_batch_points(self._collection, requests))
        return [
            [_found(point, lookup) for point in answer.points if _belongs(company_id, point)]
            for lookup, answer in zip(lookups, answers, strict=True)
        ]

    def size(self, company_id: int) -> int:
        """Return a company's number of points, at most `SIZE_SECONDS` old."""
        with self._cache_lock:
            size = self._sizes.get(company_id)
        if not size:
            size = self.count(company_id)
            with self._cache_lock:
                self._sizes[company_id] = size
        return size

    def idf_cache_of(self, company_id: int) -> IdfCache:
        """Return the cache of a company's IDF values."""
        with self._cache_lock:
            return self._idf_caches.setdefault(company_id, IdfCache())

    def _remove(self, gone: models.Filter) -> None:
        selected = models.FilterSelector(filter=gone)
        self._call(lambda: self._client.delete(self._collection, selected, wait=True))

    def _call(self, ask: Callable[[], Any]) -> Any:
        with _as_vectors_down():
            return self._breaker.call(partial(self._ask, ask), outcome_of=_outcome)

    def _ask(self, ask: Callable[[], Any]) -> Any:
        try:
            if not self._ready:
                self._make()
            return ask()
        except UnexpectedResponse as error:
            # The collection was removed; the next call creates it again.
            self._ready = self._ready and error.status_code != 404
            raise

    def _make(self) -> None:
        """Create the collection and its indexes if they are missing; two processes may do so at once."""
        with self._making:
            if not self._client.collection_exists(self._collection):
                try:
                    self._client.create_collection(self._collection, **_COLLECTION)
                except UnexpectedResponse as error:
                    if error.status_code != 409:
                        raise
            for name, schema in _INDEXES.items():
                self._client.create_payload_index(self._collection, name, schema, wait=True)
            self._ready = True


@dataclass(frozen=True)
class _Company:
    """One company's passages, as `ranking` asks for them."""

    store: ServerVectors
    company_id: int

    @property
    def idf_cache(self) -> IdfCache:
        return self.store.idf_cache_of(self.company_id)

    def size(self) -> int:
        return self.store.size(self.company_id)

    def look_up(self, lookups: Sequence[Lookup]) -> list[list[Match]]:
        return self.store.look_up(self.company_id, lookups)


_COLLECTION: dict[str, Any] = {
    "vectors_config": {DENSE: models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)},
    "sparse_vectors_config": {WORDS: models.SparseVectorParams(modifier=models.Modifier.IDF)},
    # A graph per company instead of one for all: no search ever goes across companies.
    "hnsw_config": models.HnswConfigDiff(m=0, payload_m=16),
    # Deleted points stay on the server's disk until a segment has this share of them.
    "optimizers_config": models.OptimizersConfigDiff(deleted_threshold=0.01, vacuum_min_vector_number=100),
}
_INDEXES: dict[str, Any] = {
    COMPANY: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    DOCUMENT: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD),
    SHARED: models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD),
}


def _of(company_id: int, *conditions: models.Condition) -> models.Filter:
    """Return the filter that every call carries. Raises ValueError without a company."""
    return models.Filter(must=[_is(COMPANY, str(require_company_id(company_id))), *conditions])


def _is(name: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=name, match=models.MatchValue(value=value))


def _outcome(error: Exception) -> Outcome:
    if isinstance(error, UnexpectedResponse):
        if error.status_code is None or error.status_code >= 500:
            return Outcome("ill", retry_after_seconds(error.headers.get("Retry-After")))
        # A refusal shows that the server is up.
        return WELL
    return ILL if isinstance(error, (ApiException, OSError)) else UNKNOWN


def _belongs(company_id: int, point: models.ScoredPoint) -> bool:
    found = (point.payload or {}).get(COMPANY)
    if found == str(company_id):
        return True
    log.error("the vector store answered company %s with a point of %s; it was dropped", company_id, found)
    return False


def _request(company_id: int, lookup: Lookup) -> models.QueryRequest:
    conditions: list[models.Condition] = []
    if lookup.documents is not None:
        named = models.MatchAny(any=[str(document) for document in lookup.documents])
        conditions.append(models.FieldCondition(key=DOCUMENT, match=named))
    if lookup.among is not None:
        conditions.append(models.HasIdCondition(has_id=[str(chunk) for chunk in lookup.among]))
    if lookup.own_vectors:
        conditions.append(models.IsEmptyCondition(is_empty=models.PayloadField(key=SHARED)))
    by: models.SparseVector | list[float]
    rarity: models.IdfCorpusParams | None = None
    if isinstance(lookup.by, TermWeights):
        by = models.SparseVector(indices=lookup.by.words, values=lookup.by.values)
        # IDF within the company, not among all: other companies' files must not show, not even this way.
        rarity = models.IdfCorpusParams(corpus=_of(company_id))
    else:
        by = lookup.by.tolist()
    return models.QueryRequest(
        query=models.NearestQuery(nearest=by), using=WORDS if isinstance(lookup.by, TermWeights) else DENSE,
        filter=_of(company_id, *conditions), limit=lookup.limit, with_payload=[COMPANY, DOCUMENT],
        with_vector=[WORDS] if lookup.with_weights else False,
        params=models.SearchParams(idf=rarity) if rarity else None,
    )  # fmt: skip


def _found(point: models.ScoredPoint, lookup: Lookup) -> Match:
    stored = point.vector.get(WORDS) if lookup.with_weights and isinstance(point.vector, dict) else None
    weights = dict(zip(stored.indices, stored.values, strict=True)) if isinstance(stored, models.SparseVector) else {}
    return Match(UUID(str(point.id)), point.score, weights, (point.payload or {}).get(DOCUMENT))


def _point(company_id: int, point: Point) -> models.PointStruct:
    if point.dense.shape != (DIMENSIONS,):
        raise ValueError(f"a vector has {DIMENSIONS} numbers, not {point.dense.shape}")
    counted = bm25.passage_terms(point.searched)
    payload = {COMPANY: str(company_id), DOCUMENT: str(point.document_id), VERSION: point.version}
    payload |= {FORM: bm25.INDEX_FORM} | ({SHARED: "yes"} if point.shared else {})
    return models.PointStruct(
        id=str(point.chunk_id),
        vector={
            DENSE: point.dense.tolist(),
            WORDS: models.SparseVector(indices=counted.words, values=counted.values),
        },
        payload=payload,
    )


@contextmanager
def _as_vectors_down() -> Iterator[None]:
    """Convert failures, timeouts and refusals of the server into VectorsDown."""
    try:
        yield
    except (ApiException, OSError, CircuitOpen) as error:
        raise VectorsDown(f"the vector server can't be used: {error}") from error
