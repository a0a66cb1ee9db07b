"""A small local server of the Messages API whose behaviour a test scripts.

    with MessagesApi() as api:
        api.script(Status(529), says("Yes."))   # the first two calls
        api.always(Stall())                     # every later call
        … ANTHROPIC_BASE_URL=api.url …
        assert len(api.requests) == 3

Without a script it gives a valid answer, made by the function that the test passed as `answer`.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any, Self

import orjson

from model_kit.claude.client import Claude

MODEL = "claude-haiku-5-5"
STEP_SECONDS = 0.05


@dataclass(frozen=True)
class Status:
    """Answer with this status, headers and body (JSON unless bytes are given)."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0

    def rendered(self) -> bytes:
        """Return the body; an error status without one gets the API's error body."""
        if isinstance(self.body, bytes):
            return self.body
        return orjson.dumps(error_body(self.status) if self.body is None else self.body)


@dataclass(frozen=True)
class Stall:
    """Read the request and send no response."""

    seconds: float = 60.0


@dataclass(frozen=True)
class Drip:
    """Send a valid answer a byte at a time, so that no single read times out."""

    seconds_per_byte: float = 0.2
    within_headers: bool = False


@dataclass(frozen=True)
class HangUp:
    """Close the connection without an answer."""


Behaviour = Status | Stall | Drip | HangUp


def message(text: str, *, stop_reason: str | None = "end_turn", **more: Any) -> dict[str, Any]:
    """Return a message in the API's form, with one block of text."""
    return {
        "id": "msg_01",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {"input_tokens": 200, "output_tokens": 30},
        **more,
    }


def says(text: str, **more: Any) -> Status:
    """Answer validly with this text; `stop_reason` and other fields by name."""
    return Status(body=message(text, **more))


def refuses() -> Status:
    """Answer with a refusal."""
    return Status(body={**message("", stop_reason="refusal"), "content": []})


def error_body(status: int) -> dict[str, Any]:
    """Return the body the API sends with an error status."""
    kinds = {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        413: "request_too_large",
        429: "rate_limit_error",
        529: "overloaded_error",
    }
    error = {"type": kinds.get(status, "api_error"), "message": f"scripted status {status}"}
    return {"type": "error", "error": error, "request_id": "req_01"}


class MessagesApi:
    """The server, as a context manager. `requests` holds the received bodies in order."""

    def __init__(self, answer: Callable[[dict[str, Any]], Status] = lambda _body: says("Yes.")) -> None:
        """`answer` returns a valid answer to the body of a request."""
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.max_concurrent_calls = 0
        self._concurrent_calls = 0
        self._script: deque[Behaviour] = deque()
        self._always: Behaviour | None = None
        self._changed = Condition()
        self._ending = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(STEP_SECONDS,), name="messages-api", daemon=True)

    @property
    def url(self) -> str:
        """Return the address for ANTHROPIC_BASE_URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def script(self, *behaviours: Behaviour) -> None:
        """Use these behaviours for the next calls, one each."""
        with self._changed:
            self._script.extend(behaviours)

    def always(self, behaviour: Behaviour | None) -> None:
        """Use this behaviour whenever the script is empty; None restores valid answers."""
        with self._changed:
            self._always = behaviour

    def wait_for(self, calls: int, seconds: float = 5.0) -> bool:
        """Wait until `calls` calls were received; return whether they were in time."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self.requests) >= calls, seconds)

    def __enter__(self) -> Self:
        # Services load the library at start, too; loading it takes seconds, which the first question's deadline lacks.
        Claude(api_key="sk-ant-test", base_url=self.url, deadline_seconds=1.0, concurrency=1).load()
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ending.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def receive(self, body: dict[str, Any], headers: dict[str, str]) -> Behaviour:
        """Record a call and return the behaviour for it."""
        with self._changed:
            self.requests.append(body)
            self.headers.append(headers)
            self._concurrent_calls += 1
            self.max_concurrent_calls = max(self.max_concurrent_calls, self._concurrent_calls)
            self._changed.notify_all()
            return self._script.popleft() if self._script else self._always or self.answer(body)

    def answered(self) -> None:
        """Record the end of a call."""
        with self._changed:
            self._concurrent_calls -= 1

    def pause(self, seconds: float) -> bool:
        """Wait for `seconds`; return False if the server is closed meanwhile."""
        return not self._ending.wait(seconds)


def _handler(api: MessagesApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.path.partition("?")[0] != "/v1/messages":
                self._send(Status(404))
                return
            body = orjson.loads(raw)
            behaviour = api.receive(body, {name.lower(): text for name, text in self.headers.items()})
            try:
                self._do(behaviour, body)
            except OSError:
                self.close_connection = True  # the caller closed the connection
            finally:
                api.answered()

        def _do(self, behaviour: Behaviour, asked: dict[str, Any]) -> None:
            if isinstance(behaviour, Status):
                api.pause(behaviour.after_seconds)
                self._send(behaviour)
                return
            self.close_connection = True
            if isinstance(behaviour, Stall):
                ends = time.monotonic() + behaviour.seconds
                while time.monotonic() < ends and api.pause(STEP_SECONDS):
                    pass
            elif isinstance(behaviour, Drip):
                self._drip(behaviour, api.answer(asked).rendered())

        def _send(self, behaviour: Status) -> None:
            body = behaviour.rendered()
            self.send_response(behaviour.status)
            headers = {"content-type": "application/json", "content-length": str(len(body)), **behaviour.headers}
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
            self.wfile.write(body)

        def _drip(self, behaviour: Drip, body: bytes) -> None:
            head = (
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                + str(len(body)).encode()
                + b"\r\n\r\n"
            )
            slow = head + body if behaviour.within_headers else body
            if not behaviour.within_headers:
                self.wfile.write(head)
            for place in range(len(slow)):
                if not api.pause(behaviour.seconds_per_byte):
                    return
                self.wfile.write(slow[place : place + 1])
                self.wfile.flush()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Log nothing: a test's output stays free of it."""

    return Handler
