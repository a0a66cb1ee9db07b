"""Ranks a company's passages for a query by cosine and BM25, in either store.

The stores can fuse two lists themselves, but only by each list's own distribution: where no passage fits, the best one
looks as good as ever. Here every candidate's cosine and BM25 are looked up, and their weighted sum is a score that is
comparable between queries (domain/scoring.py). It takes two calls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from rag_service.adapters.vectors import bm25
from rag_service.adapters.vectors.bm25 import TermWeights
from rag_service.adapters.vectors.idf import IdfCache
from rag_service.domain import scoring
from rag_service.domain.languages import language_of
from rag_service.ports import Hit, Query, Vector

DIMENSIONS = 384
CANDIDATES = 50
"""Of each list. More changed no figure."""


@dataclass(frozen=True)
class Lookup:
    """One list to fetch from a store."""

    by: Vector | TermWeights
    limit: int
    documents: Sequence[UUID] | None = None
    """Only of these documents."""
    among: Sequence[UUID] | None = None
    """Only these chunks."""
    with_weights: bool = False
    """Whether the matches' term weights are returned."""
    with_document: bool = False
    """Whether the matches' document ids are returned."""
    own_vectors: bool = False
    """Only points with a vector of their own: thousands of rows with one vector would fill the list."""


@dataclass(frozen=True)
class Match:
    """A chunk in a list; its score is a cosine, or BM25."""

    chunk_id: UUID
    score: float
    weights: Mapping[int, float] = field(default_factory=dict)
    document: str | None = None
    """Its document's id as it is stored."""


class Passages(Protocol):
    """One company's passages in a store."""

    @property
    def idf_cache(self) -> IdfCache:
        """Return the cache of their terms' IDF."""

    def size(self) -> int:
        """Return about how many there are."""

    def look_up(self, lookups: Sequence[Lookup]) -> list[list[Match]]:
        """Return a list per lookup, best first."""


def best(question: Query, passages: Passages) -> list[Hit]:
    """Return the best passages for a question."""
    terms = bm25.query_terms(question.text)
    lists = _lists(question, terms, max(CANDIDATES, question.limit))
    # Stores do not report IDF. It follows from the score of the passage in which the term weighs most.
    known = passages.idf_cache.get(terms)
    unknown = [word for word in terms if word not in known]
    rarest = [Lookup(TermWeights([word], [1.0]), limit=1, with_weights=True) for word in unknown]
    if not lists:
        return []
    answers = passages.look_up([*lists.values(), *rarest])
    documents = {found.chunk_id: found.document for each in answers[: len(lists)] for found in each}
    looked_up = {
        word: each[0].score / each[0].weights[word]
        for word, each in zip(unknown, answers[len(lists) :], strict=True)
        if each and each[0].weights.get(word)
    }
    passages.idf_cache.put(looked_up)
    most = scoring.max_bm25(terms, known | looked_up, passages.size(), bm25.MAX_TERM_WEIGHT)
    scores = {
        name: {found.chunk_id: found.score for found in each}
        for name, each in zip(lists, answers[: len(lists)], strict=True)
    }
    _complete(scores, lists, list(documents), passages)
    weight = scoring.cosine_weight(language_of(question.text))
    cosines, bm25_scores = scores.get("dense", {}), scores.get("words", {})
    scored = [
        (scoring.score(cosines.get(chunk), bm25_scores.get(chunk, 0.0), most, weight), chunk, document)
        for chunk, document in documents.items()
        if document is not None
    ]
    # Ties go by id, so that the order does not depend on the store.
    scored.sort(key=lambda each: (-each[0], each[1]))
    return [
        Hit(chunk, UUID(document), score, cosines.get(chunk)) for score, chunk, document in scored[: question.limit]
    ]


def _lists(question: Query, terms: list[int], limit: int) -> dict[str, Lookup]:
    lists = {}
    if question.dense is not None:
        lists["dense"] = Lookup(question.dense, limit, question.documents, with_document=True, own_vectors=True)
    if terms:
        by = TermWeights(terms, [1.0] * len(terms))
        lists["words"] = Lookup(by, limit, question.documents, with_document=True)
    return lists


def _complete(
    scores: dict[str, dict[UUID, float]], lists: Mapping[str, Lookup], candidates: Sequence[UUID], passages: Passages
) -> None:
    """Look up the scores of candidates that only the other list returned."""
    again = {}
    for name, first in lists.items():
        missing = [chunk for chunk in candidates if chunk not in scores[name]]
        # A list that is not full has every passage with a score, except those that share a vector.
        if missing and (first.own_vectors or len(scores[name]) >= first.limit):
            again[name] = Lookup(first.by, len(missing), among=missing)
    if again:
        for name, each in zip(again, passages.look_up(list(again.values())), strict=True):
            scores[name].update((found.chunk_id, found.score) for found in each)


def require_company_id(company_id: int) -> int:
    """Return the company id; raise ValueError for an invalid one: no call works without a company."""
    if type(company_id) is not int or company_id <= 0:
        raise ValueError(f"vectors belong to a company, and {company_id!r} is none")
    return company_id
