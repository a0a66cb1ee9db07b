"""Ranks a company's passages for a query by cosine and BM25, in either store.

The stores can fuse two lists themselves, but only by each list's own distribution: where no passage fits, the best one
looks as good as ever. Here every candidate's cosine and BM25 are looked up, and their weighted sum is a score that is
comparable between queries (domain/scoring.py). It takes two calls. A company's own fusion (domain/fusion.py) orders the
same candidates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

import numpy as np

from rag_service.adapters.vectors import bm25
from rag_service.adapters.vectors.bm25 import QueryTerms, TermWeights
from rag_service.adapters.vectors.idf import IdfCache
from rag_service.domain import scoring
from rag_service.domain.fusion import fused, ordered
from rag_service.domain.languages import ENGLISH, language_of
from rag_service.ports import Hit, Query, Vector

DIMENSIONS = 384
DENSE, WORDS = "dense", "words"
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
    return candidates(question, passages, question.limit)


def candidates(question: Query, passages: Passages, most: int | None = None) -> list[Hit]:
    """Return the passages that were looked up for a question, best first; at most `most`, or all."""
    forms = bm25.query_terms(question.text)
    lists = _lists(question, forms, max(CANDIDATES, question.limit))
    if not lists:
        return []
    # Stores do not report IDF. It follows from the score of the passage in which the term weighs most.
    terms = list(dict.fromkeys(word for form in forms for word in form.all))
    known = passages.idf_cache.get(terms)
    unknown = [word for word in terms if word not in known]
    rarest = [Lookup(TermWeights([word], [1.0]), limit=1, with_weights=True) for word in unknown]
    answers = passages.look_up([*lists.values(), *rarest])
    documents = {found.chunk_id: found.document for each in answers[: len(lists)] for found in each}
    looked_up = {
        word: each[0].score / each[0].weights[word]
        for word, each in zip(unknown, answers[len(lists) :], strict=True)
        if each and each[0].weights.get(word)
    }
    passages.idf_cache.put(looked_up)
    scores = {
        name: {found.chunk_id: found.score for found in each}
        for name, each in zip(lists, answers[: len(lists)], strict=True)
    }
    # Ties go by id, so that the order does not depend on the store.
    chunks = sorted(chunk for chunk, document in documents.items() if document is not None)
    _complete(scores, lists, chunks, passages)
    rarity = known | looked_up
    is_english = language_of(question.text) in (None, ENGLISH)
    by_chunk = _shares(scores, forms, rarity, passages.size(), is_english=is_english)
    cosines = [scores[DENSE].get(chunk) if DENSE in scores else None for chunk in chunks]
    shares = [by_chunk.get(chunk, 0.0) if forms else None for chunk in chunks]
    return [
        Hit(chunks[place], UUID(documents[chunks[place]]), score, cosines[place], shares[place])
        for place, score in _ranked(question, _weight(question, forms, rarity), cosines, shares)[:most]
    ]


def _weight(question: Query, forms: Sequence[QueryTerms], rarity: Mapping[int, float]) -> float:
    """Return the weight of the cosine for a question."""
    if not forms:
        return 1.0
    [form, *_] = forms
    identifies = any(term in rarity for term in form.identifiers)
    return scoring.cosine_weight(language_of(question.text), len(form.required), identifies=identifies)


def _ranked(
    question: Query, weight: float, cosines: Sequence[float | None], shares: Sequence[float | None]
) -> list[tuple[int, float]]:
    """Return the candidates' places in the order of the question's fusion, with their scores."""
    both = zip(cosines, shares, strict=True)
    default = np.array([scoring.score(cosine, share, weight) for cosine, share in both])
    wanted = None
    # One figure alone leaves nothing to fuse.
    if question.fusion and question.dense is not None and None not in shares:
        semantic = np.clip(np.array([cosine or 0.0 for cosine in cosines]), 0.0, 1.0)
        wanted = fused(question.fusion, semantic, np.array(shares, np.float64))
    order, scores = ordered(default, wanted)
    return list(zip(order.tolist(), scores.tolist(), strict=True))


def _lists(question: Query, forms: Sequence[QueryTerms], limit: int) -> dict[str, Lookup]:
    lists = {}
    if question.dense is not None:
        lists[DENSE] = Lookup(question.dense, limit, question.documents, with_document=True, own_vectors=True)
    for number, form in enumerate(forms):
        by = TermWeights(form.all, [1.0] * len(form.all))
        lists[f"{WORDS}{number}"] = Lookup(by, limit, question.documents, with_document=True)
    return lists


def _shares(
    scores: Mapping[str, Mapping[UUID, float]],
    forms: Sequence[QueryTerms],
    rarity: Mapping[int, float],
    size: int,
    *,
    is_english: bool,
) -> dict[UUID, float]:
    """Return the share of the question that each passage says, in the form in which it says more."""
    shares: dict[UUID, float] = {}
    for number, form in enumerate(forms):
        most = scoring.max_bm25(form.required, rarity, size, bm25.MAX_TERM_WEIGHT, form.optional, is_english=is_english)
        for chunk, found in scores[f"{WORDS}{number}"].items():
            shares[chunk] = max(shares.get(chunk, 0.0), scoring.share(found, most))
    return shares


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
