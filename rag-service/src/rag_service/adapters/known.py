"""What each question needs to know of its company's own, a moment old at most."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid5

import numpy as np
from service_kit.database.engine import Database

from rag_service.domain.answering.approved import Approved
from rag_service.store import approved, documents
from rag_service.store.approved import Approved as Kept

FRESH_SECONDS = 2.0
COMPANIES = 10_000
NAMESPACE = UUID("a2c8d1f6-6f0b-4b57-9c1d-0d0f1f5a7e33")
"""Of approved answers as sources."""

Value = TypeVar("Value")


class Known:
    """Looks into the database, and not again for two seconds."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._knowledge: _Fresh[bool] = _Fresh(clock)
        self._approved: _Fresh[list[Kept]] = _Fresh(clock)

    def has_knowledge(self, company: int) -> bool:
        """Tell whether there is anything an answer could rest on."""

        def look() -> bool:
            with self._database.session(company) as session:
                return documents.any_ready(session, company) or approved.count(session, company) > 0

        return self._knowledge.of(company, look)

    def approved(self, company: int, question: str, rows: Any, encoder: str | None) -> list[Approved]:
        """Return what the company's people approved, with how near each question is to this one's vector.

        `rows` holds the vector, by the encoder of that name; None where there is none.
        """

        def look() -> list[Kept]:
            with self._database.session(company) as session:
                return approved.all_of(session, company)

        kept = self._approved.of(company, look)
        return [
            Approved(uuid5(NAMESPACE, f"{company}:{each.id}"), each.question, each.steps, _cosine(each, rows, encoder))
            for each in kept
        ]


def _cosine(kept: Kept, rows: Any, encoder: str | None) -> float | None:
    if rows is None or kept.vector is None or kept.encoder != encoder:
        return None
    return float(np.frombuffer(kept.vector, np.float16).astype(np.float32) @ rows[0])


class _Fresh(Generic[Value]):
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._values: dict[int, tuple[float, Value]] = {}

    def of(self, company: int, look: Callable[[], Value]) -> Value:
        with self._lock:
            known = self._values.get(company)
        if known is not None and self._clock() < known[0]:
            return known[1]
        value = look()
        with self._lock:
            if len(self._values) >= COMPANIES:
                self._values.clear()
            self._values[company] = (self._clock() + FRESH_SECONDS, value)
        return value
