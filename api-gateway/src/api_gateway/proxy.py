"""Forwards a request to a service and returns its response. The route alone decides which service and path."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from service_kit.http.problems import Invalid, Unavailable
from service_kit.http_client import UpstreamResponse, UpstreamTimeout, UpstreamUnavailable
from service_kit.identity import CHALLENGE, HEADER, Caller, TokenSigner
from service_kit.telemetry.logs import get_logger

from api_gateway.bodies import (
    BODYLESS,
    MAX_UPLOAD_BYTES,
    UPLOAD_SECONDS,
    body_in_pieces,
    declared_length,
    read_body,
)
from api_gateway.headers import (
    filter_request_headers,
    filter_response_headers,
    sign_in_cookies,
    sign_in_headers,
    webhook_headers,
)
from api_gateway.messages import Request, Response
from api_gateway.problems import GatewayTimeout
from api_gateway.routes import Route
from api_gateway.routing import parameter_name, pattern_segments
from api_gateway.settings import Settings
from api_gateway.upstreams import MAX_WAIT_SECONDS, Bulkhead, Upstream, Upstreams

MAX_BUFFERED_BYTES = 1024 * 1024
"""A longer response, or one of unknown length, is streamed."""

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?=$|[,;\s])", re.IGNORECASE)

log = get_logger(__name__)


class Proxy:
    """Forwards requests with the caller's identity, a deadline and the request's id."""

    def __init__(self, settings: Settings, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._signer = TokenSigner(settings.service, settings.signing_key)
        self._deadline_seconds = settings.deadline_seconds

    def forward(self, request: Request, route: Route, params: Mapping[str, str]) -> Response:
        """Forward the request; raise Unavailable (503) if the service is down, GatewayTimeout (504) if it is slow."""
        upstream = self._upstreams.of(route.service, params)
        path = upstream_path(route.path or route.pattern, params)
        if route.upload:
            response = self._upload(upstream, request, path, headers=_sent(request, route))
        else:
            body = request.body
            if body is None and request.method not in BODYLESS:
                body = read_body(request.environ)
            sent = _sent(request, route)
            seconds = self._deadline_seconds
            if route.waits and "Prefer" in sent:
                seconds += wait_seconds(sent["Prefer"])
            response = self.ask(
                upstream,
                request,
                path,
                method=request.method,
                headers=sent,
                body=body,
                query=request.query,
                seconds=seconds,
                max_buffered=MAX_BUFFERED_BYTES,
            )
        if response.status == 401 and response.header("WWW-Authenticate") == CHALLENGE:
            response.close()
            # The service refused the gateway's own internal token, which the client can't mend: 503, not 401.
            log.error("internal token refused", upstream=upstream.name)
            raise Unavailable(f"{upstream.name} can't be used at the moment.")
        if response.streamed:
            return _streamed(response, upstream)
        headers = filter_response_headers(response.headers)
        if route.sign_in:
            headers += sign_in_headers(response.headers)
        if response.status == 401:  # a wrong password, say
            headers.append(("WWW-Authenticate", "Bearer"))
        return Response(response.status, headers, response.body)

    def _upload(self, upstream: Upstream, request: Request, path: str, *, headers: dict[str, str]) -> UpstreamResponse:
        """Stream a file to a service, so that the gateway's memory never holds it whole."""
        length = declared_length(request.environ, MAX_UPLOAD_BYTES)
        if length is not None:
            headers["Content-Length"] = str(length)
        return self.ask(
            upstream,
            request,
            path,
            method=request.method,
            headers=headers,
            body=body_in_pieces(request.environ, MAX_UPLOAD_BYTES),
            query=request.query,
            seconds=UPLOAD_SECONDS,
            max_buffered=MAX_BUFFERED_BYTES,
        )

    def ask(
        self,
        upstream: Upstream,
        request: Request,
        path: str,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | Iterator[bytes] | None = None,
        query: str = "",
        seconds: float | None = None,
        max_buffered: int | None = None,
    ) -> UpstreamResponse:
        """Call a service for the request's caller and return its response whatever the status. Raises as `forward`.

        Without `max_buffered` the response is read to its end. A streamed body takes a slot of the uploads' bulkhead,
        so that slow uploads delay each other only.
        """
        sent = headers if headers is not None else {"Accept": "application/json"}
        sent["X-Request-ID"] = request.id
        sent["traceparent"] = request.traceparent
        if request.caller is not None:
            sent[HEADER] = self.token(request.caller, upstream.name)
        try:
            bulkhead = upstream.bulkhead if isinstance(body, bytes | None) else upstream.uploads
            with bulkhead.slot(upstream.name):
                return upstream.calls.request(
                    method,
                    path,
                    headers=sent,
                    body=body,
                    query=query,
                    deadline_seconds=seconds or self._deadline_seconds,
                    max_buffered=max_buffered,
                )
        except UpstreamUnavailable as error:
            log.warning("upstream down", upstream=upstream.name, reason=error.reason)
            retry_after = max(round(error.retry_after), 1)
            raise Unavailable(
                f"{upstream.name} can't be reached at the moment.", retry_after=retry_after, code="upstream_down"
            ) from error
        except UpstreamTimeout as error:
            log.warning("upstream slow", upstream=upstream.name, seconds=round(error.seconds, 1))
            raise GatewayTimeout(f"{upstream.name} didn't answer in time.") from error
        except ValueError as error:
            # A header value that can't be sent: some servers let control characters through.
            raise Invalid("A header contains characters that aren't accepted there.", code="bad_header") from error

    def close(self) -> None:
        """Close idle connections to the services."""
        self._upstreams.close()

    def token(self, caller: Caller, audience: str) -> str:
        """Return the internal token that names the caller, signed for one service."""
        return self._signer.sign(caller, audience)


def wait_seconds(prefer: str) -> float:
    """Return the seconds of `Prefer: wait=n`, at most MAX_WAIT_SECONDS; 0 without it."""
    found = _WAIT.search(prefer)
    return min(float(found[1]), MAX_WAIT_SECONDS) if found else 0.0


def upstream_path(pattern: str, params: Mapping[str, str]) -> str:
    """Return the path of a pattern; each parameter is encoded, so that it stays one segment."""
    if not params:
        return pattern
    filled = (
        quote(params[name], safe="") if (name := parameter_name(segment)) else segment
        for segment in pattern_segments(pattern)
    )
    return "/" + "/".join(filled)


class _ForwardedStream:
    """A service's response body, streamed to the client; it holds a slot of the streams' bulkhead until it ends."""

    def __init__(self, response: UpstreamResponse, streams: Bulkhead) -> None:
        self._response, self._streams = response, streams
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self._response.chunks()

    def close(self) -> None:
        """Close the service's response: the client has left or has received all of it."""
        if not self._closed:
            self._closed = True
            self._response.close()
            self._streams.release()


def _sent(request: Request, route: Route) -> dict[str, str]:
    """Return the headers of a client's request that the service of a route may see."""
    sent = filter_request_headers(request.environ)
    if route.webhook:
        sent |= webhook_headers(request.environ)
    if route.sign_in and (cookies := sign_in_cookies(request.environ.get("HTTP_COOKIE", ""))):
        sent["Cookie"] = cookies
    return sent


def _streamed(response: UpstreamResponse, upstream: Upstream) -> Response:
    try:
        upstream.streams.acquire(upstream.name)
    except Unavailable:
        response.close()
        raise
    headers = filter_response_headers(response.headers)
    length = response.header("Content-Length")
    if length:
        headers.append(("Content-Length", length))
    return Response(response.status, headers, stream=_ForwardedStream(response, upstream.streams))
