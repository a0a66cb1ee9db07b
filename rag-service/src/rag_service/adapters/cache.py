"""A cache of two facts per company: whether it has any knowledge, and its approved answers."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from cachetools import LRUCache
from service_kit.database.engine import Database

from rag_service.domain.answering.approved import ApprovedCandidate
from rag_service.store import approved, documents
from rag_service.store.approved import ApprovedAnswer

CACHE_SECONDS = 2.0
"""How long a company with knowledge counts as having some. The opposite is not cached: see `KnowledgeCache`."""
MAX_COMPANIES = 10_000
NAMESPACE = UUID("a2c8d1f6-6f0b-4b57-9c1d-0d0f1f5a7e33")
"""Namespace of the ids of approved answers as sources."""


class KnowledgeCache:
    """Caches database lookups.

    A ticket that is skipped because its company has no knowledge is never considered again. So the answer "no
    knowledge" is reused only for tickets that arrived before the lookup, which makes one lookup per batch. The cache
    is bounded by its size only: such an entry has no lifetime.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = Lock()
        self._knowledge: LRUCache[int, tuple[float, bool]] = LRUCache(MAX_COMPANIES)
        self._approved: LRUCache[int, tuple[object, list[ApprovedAnswer]]] = LRUCache(MAX_COMPANIES)

    def has_knowledge(self, company_id: int, since: float) -> bool:
        """Return whether the company has any knowledge, for a question that arrived at the monotonic time `since`."""
        with self._lock:
            known = self._knowledge.get(company_id)
        now = self._clock()
        if known is not None and ((known[1] and now - known[0] < CACHE_SECONDS) or known[0] >= since):
            return known[1]
        with self._database.session(company_id) as session:
            found = documents.has_passages(session, company_id) or approved.count(session, company_id) > 0
        with self._lock:
            # The time before the query, because the query may miss what was committed while it ran.
            self._knowledge[company_id] = (now, found)
        return found

    def approved(self, company_id: int, question: str, rows: Any, encoder: str | None) -> list[ApprovedCandidate]:
        """Return the company's approved answers, each with the cosine of its question to this one.

        `rows` holds the question's vector by the encoder of that name; None without an encoder.
        """
        return [
            ApprovedCandidate(
                uuid5(NAMESPACE, f"{company_id}:{each.id}"), each.question, each.steps, _cosine(each, rows, encoder)
            )
            for each in self._current_answers(company_id)
        ]

    def _current_answers(self, company_id: int) -> list[ApprovedAnswer]:
        """Return the current approved answers; they are loaded again only after one was added or removed."""
        with self._database.session(company_id) as session:
            state = approved.state(session, company_id)
            with self._lock:
                known = self._approved.get(company_id)
            if known is not None and known[0] == state:
                return known[1]
            kept = approved.all_of(session, company_id)
        with self._lock:
            self._approved[company_id] = (state, kept)
        return kept


def _cosine(kept: ApprovedAnswer, rows: Any, encoder: str | None) -> float | None:
    if rows is None or kept.vector is None or kept.encoder != encoder:
        return None
    return float(np.frombuffer(kept.vector, np.float16).astype(np.float32) @ rows[0])
