"""ticket-service decides which files exist; if it does not answer, all do."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import orjson
import pytest
from rag_service.adapters.files import IDS_AT_ONCE, FileExistence
from service_kit.http_client import UpstreamTimeout, UpstreamUnavailable


class TicketService:
    def __init__(self, files: set[UUID], failure: Any = None) -> None:
        self.files, self.failure = files, failure
        self.asked: list[int] = []

    def request(self, _method: str, path: str, *, query: str, **_: Any) -> Any:
        assert path == "/internal/files"
        if isinstance(self.failure, Exception):
            raise self.failure
        ids = [UUID(each) for each in parse_qs(query)["ids"]]
        self.asked.append(len(ids))
        body = orjson.dumps({"ids": [str(each) for each in ids if each in self.files]})
        return self.failure or SimpleNamespace(status=200, body=body)


def present(service: TicketService) -> FileExistence:
    signer = SimpleNamespace(sign=lambda *_: "token")
    return FileExistence(service, signer, "rag-service")  # type: ignore[arg-type]


def test_deleted_files_are_left_out_however_many_are_asked_about() -> None:
    there, gone = {uuid4() for _ in range(IDS_AT_ONCE)}, {uuid4() for _ in range(30)}
    service = TicketService(there)
    assert present(service).existing(1, there | gone) == there
    assert service.asked == [IDS_AT_ONCE, 30]
    assert present(service).existing(1, set()) == set()


@pytest.mark.parametrize(
    "failure",
    [
        UpstreamUnavailable("ticket-service", "refused"),
        UpstreamTimeout("ticket-service", 1.0),
        SimpleNamespace(status=503, body=b""),
        SimpleNamespace(status=200, body=b"<html>"),
        SimpleNamespace(status=200, body=b"[]"),
        SimpleNamespace(status=200, body=b'{"ids": [7]}'),
    ],
)
def test_without_an_answer_all_files_exist(failure: Any) -> None:
    asked = {uuid4(), uuid4()}
    assert present(TicketService(set(), failure)).existing(1, asked) == asked
