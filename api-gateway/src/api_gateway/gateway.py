"""The gateway's WSGI application: checks, routes and answers every request.

Plain WSGI without a framework: most requests are only forwarded, and each layer would cost every one of them.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from http_server.refusal import SECURITY_HEADERS
from msgspec import structs
from service_kit.http.policy import missing_scope
from service_kit.http.problems import Forbidden, Problem, Unauthorized
from service_kit.http.strictness import BODYLESS, refuse_encoding
from service_kit.identity import anonymous
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import current_cause, get_logger, service_name
from service_kit.telemetry.metrics import Metrics

from api_gateway.aliases import Alias
from api_gateway.authentication.authenticator import Authenticator
from api_gateway.bodies import account_in, read_body
from api_gateway.cors import Cors
from api_gateway.endpoints.local_endpoint import LocalEndpoint
from api_gateway.endpoints.queries import fields_of
from api_gateway.headers import MAX_HEADER_BYTES, header_bytes
from api_gateway.hosts import Hosts, named_host
from api_gateway.live.endpoints import RealTime
from api_gateway.live.origins import refuse_foreign
from api_gateway.messages import Headers, Request, Response
from api_gateway.overload import refuse_late
from api_gateway.paths import split_target
from api_gateway.problems import TITLES, problem_response
from api_gateway.proxy import Proxy
from api_gateway.rate_limits.addresses import client_address
from api_gateway.rate_limits.limiter import Limiter, RequestCounts
from api_gateway.routes import Route
from api_gateway.routing import RouteTable
from api_gateway.settings import Settings
from api_gateway.translation import renamed_answer, translate

STATUS_LINES = {status: f"{status} {title}" for status, title in TITLES.items()}

Entry = Route | LocalEndpoint | Alias
StartResponse = Callable[..., Any]

log = get_logger(__name__)


class Gateway:
    """Decodes, limits, authenticates and dispatches requests, and completes their responses."""

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics,
        proxy: Proxy,
        authenticator: Authenticator,
        limiter: Limiter,
        real_time: RealTime,
        entries: Sequence[Entry],
        status: RouteTable[LocalEndpoint],
    ) -> None:
        """`status` routes the requests of the status ports."""
        self._service = settings.service
        self._slow_seconds = settings.slow_request_seconds
        self._trusted_proxies = settings.trusted_proxies
        self._status_ports = {str(port): name for port, name in settings.status_ports.items()}
        self._observe = metrics.observe_request
        self._proxy = proxy
        self._authenticator = authenticator
        self._cors = Cors(settings.cors_origins)
        self._cors_origins = settings.cors_origins
        self._real_time = real_time
        self._limiter = limiter
        self._hosts = Hosts(settings)
        self._status = status
        self.table: RouteTable[Entry] = RouteTable(entries)
        self._targets: Mapping[tuple[str, str], Route | LocalEndpoint] = {
            (entry.method, entry.pattern): entry for entry in entries if not isinstance(entry, Alias)
        }

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = Request(environ)
        current_cause.set(Cause(request.id, request.traceparent, "person"))
        service_name.set(self._service)
        counts = self._limiter.begin()
        try:
            try:
                response = self._respond(request, counts)
            finally:
                counts.finish()
        except Problem as problem:
            response = problem_response(problem, request.id)
        except Exception as error:
            log.error("unexpected error", route=request.route, method=request.method, exc_info=error)
            response = problem_response(
                Problem("Something went wrong here; the request id helps to find it."), request.id
            )
        headers = self._headers(request, response, counts.headers)
        self._record_request(request, response.status)
        start_response(STATUS_LINES.get(response.status) or f"{response.status} Unknown", headers)
        if response.hand_over is not None:
            return response.hand_over
        if response.stream is not None:
            return response.stream
        return (response.body,) if response.body and request.method != "HEAD" else ()

    def close(self) -> None:
        """Close idle connections; stop what runs in the background."""
        self._real_time.close()
        self._authenticator.close()
        self._proxy.close()
        self._limiter.close()

    def _respond(self, request: Request, counts: RequestCounts) -> Response:
        environ = request.environ
        if header_bytes(environ) > MAX_HEADER_BYTES:
            raise Problem("The headers are too large.", status=431, code="headers_too_large")
        target = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
        request.segments, request.query = split_target(target)
        request.host = named_host(target, environ.get("HTTP_HOST", ""))
        self._hosts.refuse(request)
        if environ.get("SERVER_PORT") in self._status_ports:
            return self._status_response(request)
        request.address = client_address(
            environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR"), self._trusted_proxies
        )
        counts.count_address(request.address)
        if request.method == "OPTIONS":
            return self._cors.options(request, self.table.methods(request.segments))
        method = request.method
        entry, request.params = self.table.match(method, request.segments)
        alias = entry if isinstance(entry, Alias) else None
        if alias is not None:
            request.method = alias.to_method if method != "HEAD" else method
            entry = self._targets[alias.to_method, alias.to_pattern]
        assert not isinstance(entry, Alias)
        request.route = entry.pattern
        if isinstance(entry, Route):
            if not entry.urgent:
                refuse_late(environ)
            self._identify(request, counts, public=entry.public)
            if method not in BODYLESS:
                # Content-Encoding is not forwarded, so a service would take encoded bytes for plain ones.
                refuse_encoding(environ.get("HTTP_CONTENT_ENCODING"))
            if alias is not None:
                translate(alias, request, method, lambda sent: read_body(sent.environ))
            if entry.login:
                self._count_login(request, counts)
            counts.finish()
            response = self._proxy.forward(request, entry, request.params)
            return renamed_answer(alias, response) if alias is not None and alias.answer else response
        if entry.roles is not None:
            refuse_late(environ)
            if entry.connects == "socket":
                self._identify_socket(request, counts)
            else:
                self._identify(request, counts)
            if request.identity is not None:
                self._authorize(request, entry)
        counts.finish()
        fields_of(request.query, entry.query)
        return entry.handle(request)

    def _identify(self, request: Request, counts: RequestCounts, *, public: bool = False) -> None:
        if public:
            request.caller = anonymous(request.address)
            return
        request.identity = self._authenticator.identify(request)
        request.caller = request.identity.caller
        counts.count_caller(request.caller)

    def _identify_socket(self, request: Request, counts: RequestCounts) -> None:
        """Identify by a token or a ticket. Somebody without either is let through unknown.

        The live process accepts the socket and closes it with 4401, because a browser shows no page an HTTP status.
        """
        refuse_foreign(request, self._cors_origins)
        ticket = dict(parse_qsl(request.query)).get("ticket")
        try:
            if ticket is None:
                self._identify(request, counts)
                return
            identity = self._real_time.redeem_ticket(request, ticket)
            self._authenticator.refuse_revoked(identity)
        except Unauthorized:
            request.caller = anonymous(request.address)
            return
        request.identity, request.caller = identity, structs.replace(identity.caller, address=request.address)
        counts.count_caller(request.caller)

    def _authorize(self, request: Request, endpoint: LocalEndpoint) -> None:
        """Check the role and the scope for an endpoint of the gateway itself; services check those of their routes."""
        caller = request.caller
        if caller is None or endpoint.roles is None or caller.role not in endpoint.roles:
            raise Forbidden("Your role may not do this.")
        missing = missing_scope(caller.scopes, request.method, endpoint.pattern)
        if missing is not None:
            raise Forbidden(f"This API key lacks the scope {missing}.", code="scope_missing")

    def _count_login(self, request: Request, counts: RequestCounts) -> None:
        if request.body is None:
            request.body = read_body(request.environ)
        counts.count_login(account_in(request.body))

    def _status_response(self, request: Request) -> Response:
        entry, _ = self._status.match(request.method, request.segments)
        request.route = entry.pattern
        request.params = {"service": self._status_ports[request.environ["SERVER_PORT"]]}
        fields_of(request.query, entry.query)
        return entry.handle(request)

    def _headers(self, request: Request, response: Response, limits: Headers) -> Headers:
        headers = [*response.headers, ("X-Request-ID", request.id), *limits, *self._cors.headers(request)]
        present = {name for name, _ in headers}
        headers += [pair for pair in SECURITY_HEADERS if pair[0] not in present]
        # For HEAD the length is known only where the gateway made the body itself.
        whole = response.stream is None and response.hand_over is None
        known = whole and (request.method != "HEAD" or bool(response.body))
        if known and response.status not in (204, 304):
            headers.append(("Content-Length", str(len(response.body))))
        return headers

    def _record_request(self, request: Request, status: int) -> None:
        """Count the request in the metrics; log it only if it failed or was slow."""
        seconds = time.perf_counter() - request.started
        known = request.route != "unknown"
        self._observe(request.method if known else "other", request.route, status, seconds)
        if status >= 500 or seconds >= self._slow_seconds:
            log.warning(
                "request", method=request.method, route=request.route, status=status, ms=round(seconds * 1000, 1)
            )
