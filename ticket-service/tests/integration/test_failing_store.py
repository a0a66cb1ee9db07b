"""A circuit breaker opens for a failing object store, not for a refused call."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from uuid import uuid4

import pytest
from service_kit.circuit_breaker import CircuitBreaker
from ticket_service.adapters.storage.s3 import S3
from ticket_service.ports import BlobNotFound, StorageDown
from ticket_service.settings import S3Settings


@dataclass
class Store:
    status: int = 503
    code: str = "SlowDown"
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def store() -> Iterator[Store]:
    state = Store()

    class Answers(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.asked.append(self.command)
            body = f"<Error><Code>{state.code}</Code></Error>".encode()
            self.send_response(state.status)
            for name, value in {**state.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = answer

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def s3(store: Store, breaker: CircuitBreaker) -> S3:
    return S3(S3Settings(store.url, "files", "us-east-1", "key", "secret", path_style=True), breaker)


@pytest.mark.parametrize("status", [500, 503])
def test_a_store_that_keeps_failing_is_not_called_until_the_breaker_closes(store: Store, status: int) -> None:
    now = 0.0
    store.status, store.headers = status, {"Retry-After": "20"}
    files = s3(store, CircuitBreaker(failures=2, open_seconds=1, clock=lambda: now))
    with pytest.raises(StorageDown):
        files.put(1, uuid4(), BytesIO(b"text"), 4)
    with pytest.raises(StorageDown):
        files.open(1, uuid4())
    asked = len(store.asked)
    for then in (1.0, 19.0):
        now = then
        with pytest.raises(StorageDown, match="failed too often"):
            files.remove(1, uuid4())
    assert len(store.asked) == asked
    store.status, now = 204, 21.0
    files.remove(1, uuid4())
    assert len(store.asked) == asked + 1


@pytest.mark.parametrize(("status", "code"), [(404, "NoSuchKey"), (403, "AccessDenied"), (404, "NoSuchBucket")])
def test_a_refused_call_does_not_open_the_breaker(store: Store, status: int, code: str) -> None:
    store.status, store.code = status, code
    files = s3(store, CircuitBreaker(failures=1, open_seconds=60))
    for _ in range(3):
        with pytest.raises(BlobNotFound if code == "NoSuchKey" else StorageDown):
            files.open(1, uuid4())
    assert len(store.asked) == 3
