"""The vector stores that the contract is tested on."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from qdrant_client import QdrantClient
from rag_service.adapters.vectors.edge import shards_in
from rag_service.adapters.vectors.server import ServerVectors, connect
from rag_service.ports import VectorStore


@pytest.fixture(params=["files", "memory", "server"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    made: VectorStore
    if request.param == "files":
        made = shards_in(tmp_path / "vectors")
    elif request.param == "memory":
        made = ServerVectors(QdrantClient(":memory:"), "kb_main")
    elif url := os.environ.get("TEST_QDRANT_URL"):
        made = connect(url, os.environ.get("TEST_QDRANT_API_KEY", ""), f"test_{uuid4()}")
    else:
        pytest.skip("TEST_QDRANT_URL names no server")
    yield made
    made.close()
