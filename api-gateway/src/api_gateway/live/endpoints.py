"""The endpoints of real time: an event stream, WebSockets, and tickets for browsers."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
from http_server.tunnel import HandOver
from service_kit.http.problems import Invalid, Problem
from service_kit.identity import ADMIN, AGENT, HEADER, MANAGER, REQUESTER, Caller, TokenSigner

from api_gateway.authentication.identity import Identity
from api_gateway.bodies import read_body
from api_gateway.endpoints.local_endpoint import TEXT, LocalEndpoint
from api_gateway.endpoints.queries import fields_of
from api_gateway.headers import filter_response_headers
from api_gateway.live.tickets import SECONDS, Tickets
from api_gateway.live.tunnels import LIVE_SERVICE, RESTARTING, OpenTunnel, Tunnels
from api_gateway.live.upstream import LiveUpstream, Opened
from api_gateway.messages import Request, Response, json_response
from api_gateway.proxy import upstream_path
from api_gateway.settings import NAME, Settings

PEOPLE = frozenset({REQUESTER, AGENT, MANAGER, ADMIN})
CURSOR: Mapping[str, Any] = TEXT | {"description": "Where to resume: the last `cursor` that was received."}
TICKET: Mapping[str, Any] = TEXT | {"description": "In place of a token: a ticket of `POST /api/ws-tickets`."}
NUMBER: Mapping[str, Any] = {"type": "integer", "minimum": 1}
SOCKETS = (
    ("/ws/tickets/{ticket_id}", "A WebSocket: what changes of a ticket, and who writes"),
    ("/ws/comments/{ticket_id}", "A WebSocket: comments of a ticket, and who writes"),
    ("/ws/notifications", "A WebSocket: the caller's new notifications"),
)
SOCKET_PATHS = tuple(pattern.partition("{")[0] for pattern, _ in SOCKETS)
CONNECTED: Mapping[str, Any] = {"type": "connection_established", "cursor": "48213"}
TICKET_EXAMPLE: Mapping[str, Any] = {"ticket": "eyJhbGciOiJFZDI1NTE5In0.e30.c2lnbmF0dXJl", "expires_in": SECONDS}
PASSED_ON = {
    "HTTP_LAST_EVENT_ID": "Last-Event-ID",
    "HTTP_SEC_WEBSOCKET_KEY": "Sec-WebSocket-Key",
    "HTTP_SEC_WEBSOCKET_VERSION": "Sec-WebSocket-Version",
    "HTTP_USER_AGENT": "User-Agent",
}
"""Request headers that the live process receives: of these routes alone."""
RETURNED = {"sec-websocket-accept": "Sec-WebSocket-Accept", "x-accel-buffering": "X-Accel-Buffering"}


class UpgradeRequired(Problem):
    """426: the address is that of a WebSocket."""

    status, code = 426, "upgrade_required"


class RealTime:
    """Opens tunnels to the live process, and issues tickets."""

    def __init__(self, settings: Settings, upstream: LiveUpstream, tunnels: Tunnels, tickets: Tickets) -> None:
        self._upstream, self._tunnels, self._tickets = upstream, tunnels, tickets
        self._signer = TokenSigner(NAME, settings.signing_key)

    def close(self) -> None:
        """Stop watching the open tunnels."""
        self._tunnels.close()

    def issue_ticket(self, request: Request) -> Response:
        """Issue a ticket for a path, and for the origin of the page that asks."""
        try:
            body = orjson.loads(read_body(request.environ))
        except orjson.JSONDecodeError as error:
            raise Invalid("The body must be JSON.", code="bad_body") from error
        path = body.get("path") if isinstance(body, dict) and body.keys() <= {"path"} else None
        if not isinstance(path, str) or not path.startswith(SOCKET_PATHS) or len(path) > 100:
            message = "The path of a WebSocket, such as /ws/tickets/42."
            raise Invalid("The body can't be accepted.", errors=[{"field": "path", "message": message}])
        assert request.identity is not None
        ticket = self._tickets.issue(request.identity, path, request.environ.get("HTTP_ORIGIN", ""))
        return json_response({"ticket": ticket, "expires_in": SECONDS})

    def redeem_ticket(self, request: Request, ticket: str) -> Identity:
        """Return a ticket's owner, and keep its number for the live process; raise Unauthorized (401)."""
        path = "/" + "/".join(request.segments)
        redeemed = self._tickets.redeem(ticket, path, request.environ.get("HTTP_ORIGIN", ""))
        request.ticket = redeemed.number
        return redeemed.identity

    def stream(self, request: Request) -> Response:
        """Open an event stream."""
        return self._connect(request, "stream", {"Accept": "text/event-stream", "Connection": "close"})

    def socket(self, request: Request) -> Response:
        """Open a WebSocket."""
        environ = request.environ
        upgrades = "upgrade" in environ.get("HTTP_CONNECTION", "").lower()
        if environ.get("HTTP_UPGRADE", "").lower() != "websocket" or not upgrades:
            raise UpgradeRequired("This is the address of a WebSocket.")
        return self._connect(request, "socket", {"Connection": "Upgrade", "Upgrade": "websocket"})

    def _connect(self, request: Request, kind: str, headers: dict[str, str]) -> Response:
        environ, caller = request.environ, request.caller
        assert caller is not None
        if request.method != "GET" or environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
            raise Invalid("Only GET by HTTP/1.1 opens a connection.")
        tunnel = self._tunnels.reserve(kind, caller, request.address, request.identity)
        try:
            headers |= {name: environ[key] for key, name in PASSED_ON.items() if key in environ}
            headers |= self._own_headers(request, caller, tunnel)
            opened = self._upstream.open(_target(request), headers)
            tunnel.peer = opened.peer
            if opened.status not in (HTTPStatus.SWITCHING_PROTOCOLS, HTTPStatus.OK):
                return self._refused(opened)
            return self._handed_over(opened, tunnel)
        finally:
            if not tunnel.handed_over:
                self._tunnels.release(tunnel)

    def _own_headers(self, request: Request, caller: Caller, tunnel: OpenTunnel) -> dict[str, str]:
        own = {
            "X-Request-ID": request.id,
            "traceparent": request.traceparent,
            HEADER: self._signer.sign(caller, LIVE_SERVICE),
            "X-Connection-Id": tunnel.name,
        }
        return own | ({"X-Connection-Ticket": request.ticket} if request.ticket else {})

    def _refused(self, opened: Opened) -> Response:
        headers = [(name, value) for name, value in filter_response_headers(opened.headers) if name != "Content-Length"]
        body = opened.body()
        if opened.status == HTTPStatus.UNAUTHORIZED:
            # The process refused the gateway's own internal token, which the client can't mend: 503, not 401.
            raise Problem("Real time can't be used at the moment.", status=503, code="unavailable")
        return Response(opened.status, headers, body)

    def _handed_over(self, opened: Opened, tunnel: OpenTunnel) -> Response:
        headers = filter_response_headers(opened.headers)
        headers += [(RETURNED[name.lower()], value) for name, value in opened.headers if name.lower() in RETURNED]
        if opened.status == HTTPStatus.OK:
            framing = [(name, value) for name, value in opened.headers if name.lower() == "transfer-encoding"]
            fields = [*framing, ("Connection", "close")]
        else:
            fields = [("Connection", "Upgrade"), ("Upgrade", "websocket")]
        tunnel.handed_over = True

        def stop() -> None:
            tunnel.ending = tunnel.ending or RESTARTING

        def opens(abort: Any) -> None:
            tunnel.abort = abort

        hand_over = HandOver(
            opened.connection,
            tuple(fields),
            opened.rest,
            on_stop=stop,
            on_close=lambda: self._tunnels.release(tunnel),
            on_open=opens,
        )
        return Response(opened.status, headers, hand_over=hand_over)


def live_endpoints(real_time: RealTime) -> Sequence[LocalEndpoint]:
    """Return the endpoints of real time."""
    return (
        LocalEndpoint(
            "GET", "/api/changes", real_time.stream, "What changes, as server-sent events: ids, kinds and versions",
            roles=PEOPLE, query={"cursor": CURSOR}, schema=TEXT, media_type="text/event-stream", connects="stream",
        ),
        *(
            LocalEndpoint(
                "GET", pattern, real_time.socket, summary, roles=PEOPLE, query={"cursor": CURSOR, "ticket": TICKET},
                path={"ticket_id": NUMBER} if "{" in pattern else {}, example=CONNECTED, connects="socket",
            )
            for pattern, summary in SOCKETS
        ),
        LocalEndpoint(
            "POST", "/api/ws-tickets", real_time.issue_ticket, "A ticket by which a browser opens one WebSocket",
            roles=PEOPLE, example=TICKET_EXAMPLE, body={"path": TEXT | {"example": "/ws/tickets/42"}},
        ),
    )  # fmt: skip


def _target(request: Request) -> str:
    fields = fields_of(request.query, {"cursor", "ticket"})
    path = upstream_path(request.route, request.params)
    cursor = fields.get("cursor")
    return f"{path}?{urlencode({'cursor': cursor})}" if cursor else path
