"""A request in the gateway, and its response."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import orjson
from http_server.tunnel import HandOver
from service_kit.http.context import request_id
from service_kit.identity import Caller
from service_kit.telemetry.tracing import continue_traceparent

from api_gateway.authentication.identity import Identity
from api_gateway.paths import Segments

Headers = list[tuple[str, str]]
JSON = "application/json"


class Request:
    """One request; routing and authentication fill in its fields."""

    __slots__ = (
        "address",
        "body",
        "caller",
        "environ",
        "host",
        "id",
        "identity",
        "method",
        "params",
        "query",
        "route",
        "segments",
        "started",
        "ticket",
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
        self.host = ""
        """The host that the request names."""
        self.caller: Caller | None = None
        self.identity: Identity | None = None
        """How the caller was verified; None for one who is not known."""
        self.ticket = ""
        """The number of the ticket that a browser has sent in place of a token."""
        self.body: bytes | None = None
        """Set when an alias has read or replaced the body; None while it is unread."""


class Stream(Protocol):
    """A streamed body; read to its end, or closed."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""

    def close(self) -> None:
        """Stop reading."""


class Response:
    """A response; a long or unfinished body is in `stream`, and `body` is empty then.

    With `hand_over` the connection becomes a tunnel.
    """

    __slots__ = ("body", "hand_over", "headers", "status", "stream")

    def __init__(
        self,
        status: int,
        headers: Headers,
        body: bytes = b"",
        stream: Stream | None = None,
        hand_over: HandOver | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.stream = stream
        self.hand_over = hand_over


def json_response(value: Any, status: int = 200, headers: Headers | None = None) -> Response:
    """Make a JSON response."""
    body = orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    return Response(status, [("Content-Type", JSON), *(headers or [])], body)
