"""Passages and questions for the contract of vector stores."""

from uuid import UUID, uuid4

import numpy as np
from rag_service.ports import Hit, Point, Query, Vector

ACME, OTHER = 7, 8
PRINTER, HOLIDAY, VPN = (
    "The printer on the second floor is reset with the red button.",
    "Holidays are asked for in the personnel portal, two weeks ahead.",
    "VPN-Zugang: die Anmeldung mit dem Zertifikat ist nicht für Gäste und wird von der IT eingerichtet.",
)


def vector(seed: int) -> Vector:
    row = np.random.default_rng(seed).normal(size=384).astype(np.float32)
    return np.asarray(row / np.linalg.norm(row), np.float32)


def point(text: str, *, seed: int, document: UUID | None = None, version: int = 1, chunk: UUID | None = None) -> Point:
    return Point(chunk or uuid4(), document or uuid4(), version, vector(seed), text)


def ask(text: str, seed: int | None = None, limit: int = 10, documents: list[UUID] | None = None) -> Query:
    return Query(text, None if seed is None else vector(seed), limit, documents)


def ids(hits: list[Hit]) -> list[UUID]:
    return [hit.chunk_id for hit in hits]
