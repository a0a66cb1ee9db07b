"""A server that answers what a test says, and a client of it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from smartticket_client import Client, Retries

QUICK = Retries(min_wait_seconds=0.001)
Answer = tuple[int, dict[str, str], Any]


class QuietServer(ThreadingHTTPServer):
    """Tells nothing of clients that hang up, which some tests do."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class Server:
    """Answers requests in their order from `answers`; keeps what it received."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.received: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                where = urlsplit(self.path)
                with outer._lock:
                    outer.received.append(
                        {"method": self.command, "path": where.path, "query": parse_qs(where.query),
                         "headers": dict(self.headers), "body": body}
                    )  # fmt: skip
                    status, headers, content = outer.answers.pop(0) if outer.answers else (200, {}, {})
                if status == 0:  # the connection breaks
                    self.close_connection = True
                    self.connection.close()
                    return
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                if status == 204:
                    data = b""
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, status: int, content: Any = None, **headers: str) -> None:
        """Add an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append((status, named, {} if content is None else content))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def last(self) -> dict[str, Any]:
        return self.received[-1]


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server.url, api_key="stk_key", retries=QUICK) as made:
        yield made


def problem(code: str, **more: Any) -> dict[str, Any]:
    return {"type": "about:blank", "title": "T", "status": 0, "code": code, "request_id": "r-1", **more}
