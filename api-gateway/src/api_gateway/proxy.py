"""Passes a request on to a service and its answer back. Nothing a client sends decides where it goes."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from service_kit.calls import Answer as ServiceAnswer
from service_kit.calls import NeighbourDown, NeighbourSlow
from service_kit.http.problems import Invalid, Unavailable
from service_kit.identity import HEADER, Caller, TokenSigner
from service_kit.telemetry.logs import get_logger

from api_gateway.bodies import (
    BODYLESS,
    MAX_UPLOAD_BYTES,
    UPLOAD_SECONDS,
    body_in_pieces,
    declared_length,
    read_body,
)
from api_gateway.headers import inward, outward
from api_gateway.messages import Answer, Request
from api_gateway.problems import Slow
from api_gateway.routes import Route
from api_gateway.routing import parameter_name, pattern_segments
from api_gateway.settings import Settings
from api_gateway.upstreams import LONGEST_WAIT_SECONDS, Upstream, Upstreams

MAX_BUFFERED_BYTES = 1024 * 1024
"""A longer answer, or one that doesn't say how long it is, is passed on as it comes."""

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?=$|[,;\s])", re.IGNORECASE)

log = get_logger(__name__)


class Proxy:
    """Forwards to the services with the caller's identity, a deadline and the request's id."""

    def __init__(self, settings: Settings, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._signer = TokenSigner(settings.service, settings.signing_key)
        self._deadline_seconds = settings.deadline_seconds

    def forward(self, request: Request, route: Route, params: Mapping[str, str]) -> Answer:
        """Pass the request on; raise Unavailable (503) or Slow (504) where the service is down or slow."""
        upstream = self._upstreams.of(route.service, params)
        path = upstream_path(route.path or route.pattern, params)
        if route.upload:
            answer = self._upload(upstream, request, path)
        else:
            body = request.body
            if body is None and request.method not in BODYLESS:
                body = read_body(request.environ)
            headers = inward(request.environ)
            seconds = self._deadline_seconds
            if route.waits and "Prefer" in headers:
                seconds += wait_seconds(headers["Prefer"])
            answer = self.ask(
                upstream,
                request,
                path,
                method=request.method,
                headers=headers,
                body=body,
                query=request.query,
                seconds=seconds,
                max_buffered=MAX_BUFFERED_BYTES,
            )
        if answer.status == 401:
            answer.close()
            # The client proved who it is; it is our own token that was refused, which the client can't mend.
            log.error("internal token refused", upstream=upstream.name)
            raise Unavailable(f"{upstream.name} can't be used at the moment.")
        if answer.streamed:
            return _streamed(answer)
        return Answer(answer.status, outward(answer.headers), answer.body)

    def _upload(self, upstream: Upstream, request: Request, path: str) -> ServiceAnswer:
        """Pass a file on piece by piece, so that the gateway's memory holds none of it."""
        headers = inward(request.environ)
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
    ) -> ServiceAnswer:
        """Ask a service something for the request's caller; as `forward`, but returns whatever it answers.

        Without `max_buffered` the answer is read to its end. A body in pieces takes one of the places for uploads, so
        that slow ones hold up nothing but each other.
        """
        sent = headers if headers is not None else {"Accept": "application/json"}
        sent["X-Request-ID"] = request.id
        sent["traceparent"] = request.traceparent
        if request.caller is not None:
            sent[HEADER] = self.token(request.caller, upstream.name)
        try:
            places = upstream.bulkhead if isinstance(body, bytes | None) else upstream.uploads
            with places.slot(upstream.name):
                return upstream.calls.request(
                    method,
                    path,
                    headers=sent,
                    body=body,
                    query=query,
                    deadline_seconds=seconds or self._deadline_seconds,
                    max_buffered=max_buffered,
                )
        except NeighbourDown as error:
            log.warning("upstream down", upstream=upstream.name, reason=error.reason)
            retry_after = max(round(error.retry_after), 1)
            raise Unavailable(
                f"{upstream.name} can't be reached at the moment.", retry_after=retry_after, code="upstream_down"
            ) from error
        except NeighbourSlow as error:
            log.warning("upstream slow", upstream=upstream.name, seconds=round(error.seconds, 1))
            raise Slow(f"{upstream.name} didn't answer in time.") from error
        except ValueError as error:
            # A header value that can't be sent: some servers let control characters through.
            raise Invalid("A header contains characters that aren't accepted there.", code="bad_header") from error

    def close(self) -> None:
        """Close idle connections to the services."""
        self._upstreams.close()

    def token(self, caller: Caller, audience: str) -> str:
        """Return the signed statement of who is calling, for one service."""
        return self._signer.sign(caller, audience)


def wait_seconds(prefer: str) -> float:
    """Return how long a `Prefer` header asks the service to wait, at most what may be asked for."""
    found = _WAIT.search(prefer)
    return min(float(found[1]), LONGEST_WAIT_SECONDS) if found else 0.0


def upstream_path(pattern: str, params: Mapping[str, str]) -> str:
    """Return a pattern with its parameters filled in, each encoded so that it stays one segment."""
    if not params:
        return pattern
    filled = (
        quote(params[name], safe="") if (name := parameter_name(segment)) else segment
        for segment in pattern_segments(pattern)
    )
    return "/" + "/".join(filled)


class _PassedOn:
    """A service's stream on its way to the client."""

    def __init__(self, answer: ServiceAnswer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.chunks()

    def close(self) -> None:
        """Give the stream up: the client has gone, or has it all."""
        self._answer.close()


def _streamed(answer: ServiceAnswer) -> Answer:
    headers = outward(answer.headers)
    length = answer.header("Content-Length")
    if length:
        headers.append(("Content-Length", length))
    return Answer(answer.status, headers, stream=_PassedOn(answer))
