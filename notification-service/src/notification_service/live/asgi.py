"""The parts of ASGI that this package uses: types, and plain responses."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any

import orjson

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def respond(send: Send, status: int, content: Any, headers: Mapping[str, str] | None = None) -> None:
    """Send a JSON response, to a request or in place of a WebSocket."""
    body = orjson.dumps(content)
    await respond_bytes(send, status, body, {"content-type": "application/json", **(headers or {})})


async def respond_bytes(send: Send, status: int, body: bytes, headers: Mapping[str, str], prefix: str = "http") -> None:
    """Send a response whose body is ready."""
    fields = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    fields.append((b"content-length", str(len(body)).encode()))
    await send({"type": f"{prefix}.response.start", "status": status, "headers": fields})
    await send({"type": f"{prefix}.response.body", "body": body, "more_body": False})


async def refuse(
    send: Send,
    status: int,
    code: str,
    detail: str,
    *,
    websocket: bool = False,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Send a problem (RFC 9457)."""
    body = {"type": f"/problems/{code}", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    await respond_bytes(
        send,
        status,
        orjson.dumps(body | {"detail": detail}),
        {"content-type": "application/problem+json", **(headers or {})},
        prefix="websocket.http" if websocket else "http",
    )


async def read_json(receive: Receive, limit: int) -> Any:
    """Return a request's body; raise ValueError for one that is too long or no JSON."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > limit:
            raise ValueError("too long")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return orjson.loads(body)
