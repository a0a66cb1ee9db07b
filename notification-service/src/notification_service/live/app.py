"""The ASGI application: who is connected to what. The gateway has checked the caller; rights are checked here."""

import random
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from service_kit.identity import SERVICE, Caller
from service_kit.service_settings import GATEWAY
from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import CONTENT_TYPE, Metrics

from notification_service.domain.changes import Viewer
from notification_service.live import asgi, sockets, streams
from notification_service.live.asgi import Receive, Scope, Send
from notification_service.live.callers import CONNECTION, TICKET, Callers, NoCaller, headers_of, viewer_of
from notification_service.live.hub import DatabaseDown, Hub, ask
from notification_service.live.source import StoredChanges
from notification_service.live.subscriber import Subscriber
from notification_service.live.writer import Writer
from notification_service.ports import TicketPresence

MAX_BODY_BYTES = 1024 * 1024
WRITER_THREADS = 2
RETRY_MILLISECONDS = 5_000
"""Clients of a process that ends come back within this time, each at another moment."""
INTERNAL_CHALLENGE = {"www-authenticate": "Internal"}
log = get_logger(__name__)


@dataclass(frozen=True)
class Limits:
    """The limits of one client."""

    max_waiting: int
    max_frames: int
    heartbeat_seconds: float


class LiveApp:
    """Answers `GET /api/changes`, `/ws/…`, the gateway's request to end connections, and the probes."""

    def __init__(
        self,
        hub: Hub,
        source: StoredChanges,
        callers: Callers,
        presence: TicketPresence,
        metrics: Metrics,
        limits: Limits,
    ) -> None:
        self._hub, self._source, self._callers, self._limits = hub, source, callers, limits
        self._presence = presence
        self._threads = ThreadPoolExecutor(WRITER_THREADS, thread_name_prefix="writers")
        self._metrics = metrics
        self._connected = metrics.gauge("live_connections", "Connected clients.", ("kind",))

    def close(self) -> None:
        """End the threads that renew presence."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            return
        is_socket = scope["type"] == "websocket"
        try:
            await (self._socket if is_socket else self._http)(scope, receive, send)
        except NoCaller:
            detail = "The internal token is not valid."
            await asgi.refuse(send, 401, "unauthorized", detail, websocket=is_socket, headers=INTERNAL_CHALLENGE)
        except DatabaseDown as error:
            log.warning("a client can't be connected", error=type(error.__cause__).__name__)
            detail = "Changes can't be read at the moment."
            await asgi.refuse(send, 503, "unavailable", detail, websocket=is_socket, headers={"retry-after": "2"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = f"{scope['method']} {scope['path']}"
        if route == "GET /health":
            await asgi.respond(send, 200, {"status": "healthy"})
        elif route == "GET /ready":
            ready = self._hub.healthy and not self._hub.draining
            await asgi.respond(send, 200 if ready else 503, {"status": "ready" if ready else "not ready"})
        elif route == "GET /metrics":
            await asgi.respond_bytes(send, 200, self._metrics.render(), {"content-type": CONTENT_TYPE})
        elif route == "POST /internal/goodbye":
            await self._say_goodbye(scope, receive, send)
        elif route == "GET /api/changes":
            await self._stream(scope, receive, send)
        else:
            await asgi.refuse(send, 404, "not_found", "There is nothing at this address.")

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope["headers"])
        viewer = viewer_of(self._callers.of(headers))
        if viewer is None:
            await asgi.refuse(send, 403, "forbidden", "Your role may not do this.")
            return
        subscriber = self._subscriber(viewer, headers)
        serve = streams.stream(
            subscriber,
            headers.get("last-event-id", "") or _query(scope, "cursor"),
            self._hub,
            receive,
            send,
            heartbeat_seconds=self._limits.heartbeat_seconds,
            retry_milliseconds=partial(random.randint, 1, RETRY_MILLISECONDS),
        )
        await self._counted("stream", serve)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        headers = headers_of(scope["headers"])
        caller = self._callers.of(headers)
        viewer = viewer_of(caller)
        if viewer is None or not await self._may_use_ticket(caller, headers):
            await sockets.turn_away(send, sockets.NOT_ALLOWED, "unauthorized")
            return
        place = sockets.place_of(scope["path"], viewer.user_id)
        if place is None:
            await asgi.refuse(send, 404, "not_found", "There is nothing at this address.", websocket=True)
            return
        subscriber = self._subscriber(viewer, headers, room=place.room, kinds=place.kinds)
        socket = sockets.Socket(
            subscriber, self._hub, send, self._writer(caller, viewer, place.ticket_id),
            max_frames=self._limits.max_frames,
        )  # fmt: skip
        await self._counted("socket", socket.run(receive, _query(scope, "cursor")))

    def _subscriber(self, viewer: Viewer, headers: Mapping[str, str], **rooms: Any) -> Subscriber:
        connection = headers.get(CONNECTION, "")
        subscriber = Subscriber(viewer, connection=connection, max_waiting=self._limits.max_waiting, **rooms)
        if self._hub.draining:
            subscriber.end("restarting")
        return subscriber

    def _writer(self, caller: Caller, viewer: Viewer, ticket_id: int | None) -> Writer | None:
        if ticket_id is None:
            return None
        return Writer(
            self._threads,
            lambda typing: self._source.announce_typing(viewer, ticket_id, typing=typing),
            # Requesters are announced to the staff, and have no presence.
            lambda typing: self._presence.renew(caller, ticket_id, typing=typing) if viewer.is_staff else None,
        )

    async def _may_use_ticket(self, caller: Caller, headers: Mapping[str, str]) -> bool:
        """Return whether the caller needs no ticket, or brings one that nobody has used."""
        ticket = headers.get(TICKET)
        if not ticket:
            return True
        return await ask(self._source.use_ticket, caller.company_id, ticket)

    async def _say_goodbye(self, scope: Scope, receive: Receive, send: Send) -> None:
        """End connections whose callers may no longer be connected, or whose gateway stops."""
        caller = self._callers.of(headers_of(scope["headers"]))
        if caller.role != SERVICE or caller.subject != GATEWAY:
            await asgi.refuse(send, 403, "forbidden", "Only the gateway ends connections.")
            return
        try:
            body = await asgi.read_json(receive, MAX_BODY_BYTES)
            code, connections = str(body["code"]), frozenset(map(str, body["connections"]))
        except (ValueError, KeyError, TypeError):
            await asgi.refuse(send, 400, "invalid", "The body must have `code` and `connections`.")
            return
        await asgi.respond(send, 200, {"ended": self._hub.end(code, connections)})

    async def _counted(self, kind: str, serve: Awaitable[None]) -> None:
        gauge = self._connected.labels(kind)
        gauge.inc()
        try:
            await serve
        finally:
            gauge.dec()


def _query(scope: Scope, name: str) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get(name, [""])[0]
