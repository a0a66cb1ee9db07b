"""A request on its way through the gateway, and its answer."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import orjson
from service_kit.http.context import request_id
from service_kit.identity import Caller
from service_kit.telemetry.tracing import continue_traceparent

from api_gateway.paths import Segments

Headers = list[tuple[str, str]]
JSON = "application/json"


class Request:
    """What is known about one request; filled on its way in."""

    __slots__ = (
        "address",
        "body",
        "caller",
        "environ",
        "id",
        "method",
        "params",
        "query",
        "route",
        "segments",
        "started",
        "traceparent",
    )

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self.environ = environ
        self.started = time.perf_counter()
        self.method: str = environ["REQUEST_METHOD"]
        self.id = request_id(environ.get("HTTP_X_REQUEST_ID"))
        self.traceparent = continue_traceparent(environ.get("HTTP_TRACEPARENT"))
        self.segments: Segments = ()
        self.query = ""
        self.route = "unknown"
        self.params: Mapping[str, str] = {}
        self.address = ""
        self.caller: Caller | None = None
        self.body: bytes | None = None
        """Read already, or given by an alias; None where it is still to be read."""


class Stream(Protocol):
    """A body that comes piece by piece; read to its end, or closed."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""

    def close(self) -> None:
        """Give it up."""


class Answer:
    """An answer; `stream` is its body where that is long or not finished yet, and `body` is empty then."""

    __slots__ = ("body", "headers", "status", "stream")

    def __init__(self, status: int, headers: Headers, body: bytes = b"", stream: Stream | None = None) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream


def json_answer(value: Any, status: int = 200, headers: Headers | None = None) -> Answer:
    """Make an answer of JSON."""
    body = orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    return Answer(status, [("Content-Type", JSON), *(headers or [])], body)
