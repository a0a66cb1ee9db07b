"""Tenant isolation on a Qdrant server, and a server that is down."""

import logging
import socket
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
from httpx import Headers
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse
from rag_service.adapters.vectors import server
from rag_service.adapters.vectors.server import ServerVectors, connect
from rag_service.ports import Point, Query, VectorsDown
from service_kit.circuit_breaker import CircuitBreaker

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect in the local Qdrant")
COMPANIES = range(1, 6)


@pytest.fixture
def client() -> Iterator[QdrantClient]:
    made = QdrantClient(":memory:")
    yield made
    made.close()


@pytest.fixture
def store(client: QdrantClient) -> ServerVectors:
    return ServerVectors(client, "kb_main")


def fill(store: ServerVectors) -> dict[int, set[UUID]]:
    """Give each company ten passages that look alike; return whose is which."""
    row = np.ones(384, np.float32)
    mine = {}
    for company in COMPANIES:
        points = [Point(uuid4(), uuid4(), 1, row, f"the secret of company {company} is {each}") for each in range(10)]
        store.upsert(company, points)
        mine[company] = {point.chunk_id for point in points}
    return mine


def ask(company: int) -> Query:
    return Query(f"secret of company {company}", np.ones(384, np.float32), 50)


def test_each_company_finds_all_of_its_own_and_nothing_else(store: ServerVectors) -> None:
    for company, own in fill(store).items():
        assert {hit.chunk_id for hit in store.search(company, ask(3))} == own


def test_without_the_filter_points_of_other_companies_are_dropped_and_logged(
    store: ServerVectors, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mine = fill(store)
    monkeypatch.setattr(server, "_of", lambda _company, *conditions: models.Filter(must=list(conditions)))
    for company, own in mine.items():
        for question in (ask(3), Query("secret", None, 50)):
            with caplog.at_level(logging.ERROR):
                assert {hit.chunk_id for hit in store.search(company, question)} <= own
    assert "it was dropped" in caplog.text


def test_points_without_a_company_are_never_returned(store: ServerVectors, client: QdrantClient) -> None:
    fill(store)
    client.set_payload("kb_main", {"company": None}, points=models.Filter())
    client.delete_payload("kb_main", ["company"], points=models.Filter())
    assert [store.search(company, ask(3)) for company in COMPANIES] == [[]] * 5


def test_every_query_carries_the_company(
    store: ServerVectors, client: QdrantClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store)
    seen: list[models.QueryRequest] = []
    really = client.query_batch_points

    def watched(collection: str, requests: list[models.QueryRequest]) -> object:
        seen.extend(requests)
        return really(collection, requests)

    monkeypatch.setattr(client, "query_batch_points", watched)
    store.search(2, Query("secret of company", np.ones(384, np.float32), 10, [uuid4()]))
    store.search(2, ask(2))
    mine = models.FieldCondition(key="company", match=models.MatchValue(value="2"))
    assert len(seen) > 6
    for request in seen:
        assert mine in (request.filter.must or [])
        assert not request.prefetch


def test_a_collection_that_is_there_is_used(client: QdrantClient) -> None:
    fill(ServerVectors(client, "kb_main"))
    assert ServerVectors(client, "kb_main").count(1) == 10


def test_a_server_that_is_down_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        store = connect(f"http://127.0.0.1:{taken.getsockname()[1]}", "", "kb_main")
        for call in (
            lambda: store.search(1, ask(1)),
            lambda: store.upsert(1, [Point(uuid4(), uuid4(), 1, np.ones(384, np.float32), "text")]),
            lambda: store.delete_document(1, uuid4()),
            lambda: store.delete_older_versions(1, uuid4(), 1),
            lambda: store.count(1),
            store.check,
        ):
            with pytest.raises(VectorsDown):
                call()
        store.close()


def test_a_server_that_hangs_is_left_alone_for_a_while_and_used_again_when_it_is_back(client: QdrantClient) -> None:
    now, hanging = 0.0, True
    asked: list[str] = []
    really = client.count

    def count(*given: Any, **more: Any) -> Any:
        asked.append("count")
        if hanging:
            raise ResponseHandlingException(TimeoutError())
        return really(*given, **more)

    client.count = count  # type: ignore[method-assign]
    store = ServerVectors(client, "kb_main", CircuitBreaker(failures=3, open_seconds=5, clock=lambda: now))
    for _ in range(10):
        with pytest.raises(VectorsDown):
            store.count(1)
    assert len(asked) == 3
    with pytest.raises(VectorsDown, match="tried again in 5 s"):
        store.check()
    now, hanging = 6.0, False
    assert store.count(1) == 0
    store.check()


def test_a_server_that_refuses_is_there(client: QdrantClient) -> None:
    def count(*_given: Any, **_more: Any) -> Any:
        raise UnexpectedResponse(400, "Bad Request", b"", Headers())

    client.count = count  # type: ignore[method-assign]
    store = ServerVectors(client, "kb_main", CircuitBreaker(failures=1))
    for _ in range(3):
        with pytest.raises(VectorsDown, match="400"):
            store.count(1)
    store.check()


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_is_left_alone_for_as_long_as_it_asks(client: QdrantClient, status: int) -> None:
    now, asked = 0.0, []

    def count(*_given: Any, **_more: Any) -> Any:
        asked.append("count")
        raise UnexpectedResponse(status, "Failing", b"", Headers({"Retry-After": "20"}))

    client.count = count  # type: ignore[method-assign]
    store = ServerVectors(client, "kb_main", CircuitBreaker(failures=2, open_seconds=1, clock=lambda: now))
    for at in (0.0, 0.0, 0.0, 19.0, 21.0):
        now = at
        with pytest.raises(VectorsDown):
            store.count(1)
    assert len(asked) == 3
