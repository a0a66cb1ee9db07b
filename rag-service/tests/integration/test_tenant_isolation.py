"""Tenant isolation: fifty companies with secrets, and thousands of queries for other companies' secrets.

Each of the two protections is removed in turn; the other one still works.
"""

import os
import random
from collections.abc import Iterator
from uuid import UUID, uuid4

import numpy as np
import pytest
from rag_service.adapters.vectors.edge import shards_in
from rag_service.domain.document import Chunk, FileVersion
from rag_service.ports import Point, VectorStore
from rag_service.store import chunks, documents
from rag_service.store.chunks import StoredChunk
from rag_service.usecases.retrieve import Retriever
from service_kit.database.engine import Database
from service_kit.database.statements import Prepared
from service_kit.testing.postgres import ServiceDatabase

COMPANIES = 50
QUESTIONS = int(os.environ.get("WALLS_QUESTIONS", "2000"))
"""Across companies; the full run is WALLS_QUESTIONS=10000."""
WORDS = [
    "vpn",
    "printer",
    "invoice",
    "salary",
    "contract",
    "server",
    "badge",
    "password",
    "router",
    "laptop",
    "payroll",
    "holiday",
]


class World:
    """The stored secrets and their owners."""

    def __init__(self, database: Database, vectors: VectorStore, owner: dict[UUID, int] | None = None) -> None:
        self.database, self.vectors = database, vectors
        self.random = random.Random(4)
        self.owner = {} if owner is None else owner

    def embed(self, texts: list[str]) -> np.ndarray:
        """Give vectors in which the same words are near each other, in any text."""
        rows = np.full((len(texts), 384), 0.01, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for place, word in enumerate(WORDS):
                row[place] += text.count(word)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def fill(self) -> None:
        """Store a document of twelve passages for each company, every one with that company's secret."""
        for company in range(1, COMPANIES + 1):
            document = uuid4()
            texts = [f"The {word} secret of ours is canary-{company}-{word}." for word in WORDS]
            vectors = self.embed(texts)
            stored, points = [], []
            for ordinal, text in enumerate(texts):
                chunk = Chunk(ordinal, text, "secrets.md", (), "")
                stored.append(StoredChunk(uuid4(), document, 1, chunk, None, None))
                points.append(Point(stored[-1].id, document, 1, vectors[ordinal], text))
                self.owner[stored[-1].id] = company
            with self.database.session(company) as session, session.begin():
                version = FileVersion(company, document, 1, "secrets.md", "markdown", "file")
                documents.store_readable(session, version, pages=None, chunks=len(stored), report={})
                chunks.replace(session, company, document, stored)
            self.vectors.upsert(company, points)

    def ask(self, number: int) -> tuple[int, int]:
        """Query for other companies' secrets; return (passages found, those of other companies among them)."""
        retriever = Retriever(self.database, self.vectors, self.embed)
        found = foreign = 0
        for _ in range(number):
            asker, victim = self.random.sample(range(1, COMPANIES + 1), 2)
            word = self.random.choice(WORDS)
            for passage in retriever.retrieve(asker, f"What is the {word} secret canary-{victim}-{word}?", 5):
                found += 1
                foreign += self.owner[passage.chunk_id] != asker or f"canary-{asker}-" not in passage.text
        return found, foreign


@pytest.fixture(scope="module")
def filled(made: ServiceDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Fill once for all tests here: fifty shards take their time."""
    made.clean()
    database = Database(made.url, schema="rag", relay_url=made.relay_url)
    vectors = shards_in(tmp_path_factory.mktemp("vectors"))
    world = World(database, vectors)
    world.fill()
    yield world
    vectors.close()
    database.dispose()


@pytest.fixture
def world(filled: World) -> World:
    """The stored secrets, with both protections."""
    return World(filled.database, filled.vectors, filled.owner)


def test_queries_across_companies_find_nothing_of_another_company(world: World) -> None:
    found, foreign = world.ask(QUESTIONS)
    assert foreign == 0
    assert found > QUESTIONS


def test_the_vectors_alone_keep_companies_apart(
    world: World, made: ServiceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the query's company filter and without row-level security."""
    admin = Database(made.admin_url, schema="rag")
    world.database = admin
    monkeypatch.setattr(chunks, "READ", _without_company(chunks.READ))
    assert world.ask(500)[1] == 0
    admin.dispose()


def test_the_database_alone_keeps_companies_apart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a vector store that finds everybody's points for anybody."""
    own = world.vectors.search

    def everywhere(company: int, question: object) -> list[object]:
        hits = []
        for each in (company, company % COMPANIES + 1, (company + 7) % COMPANIES + 1):
            hits += own(each, question)  # type: ignore[arg-type]
        return sorted(hits, key=lambda hit: -hit.score)

    monkeypatch.setattr(world.vectors, "search", everywhere)
    found, foreign = world.ask(500)
    assert found > 500
    assert foreign == 0


def _without_company(query: Prepared) -> Prepared:
    every = query.sql.replace("%(", ":").replace(")s", "")
    for table in ("chunks", "documents"):
        assert f"{table}.company_id = :company and" in every
        every = every.replace(f"{table}.company_id = :company and", ":company = :company and")
    return Prepared("read_chunks_of_all", every, {"company": "int", "ids": "uuid[]"})


def test_an_unset_company_reaches_no_vectors(world: World) -> None:
    from rag_service.ports import Query

    for nobody in (0, -1, None):
        with pytest.raises(ValueError, match="company"):
            world.vectors.search(nobody, Query("secret", None, 5))  # type: ignore[arg-type]
