"""Cross-origin requests: listed origins only, never `*`, never with cookies (there are none)."""

from service_kit.http.problems import NotFound

from api_gateway.headers import REQUEST_HEADERS, RESPONSE_HEADERS
from api_gateway.messages import Headers, Request, Response

MAX_AGE_SECONDS = "600"
MAY_SEND = ", ".join(
    sorted({"Authorization", "Last-Event-ID", "X-API-Key", "X-Request-ID", "traceparent", *REQUEST_HEADERS.values()})
)
MAY_READ = ", ".join(
    sorted({"X-Request-ID", "RateLimit", "RateLimit-Policy", *RESPONSE_HEADERS.values()} - {"Content-Type"})
)


class Cors:
    """Answers preflights and adds CORS headers for the listed origins."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = origins

    def headers(self, request: Request) -> Headers:
        """Return the CORS headers of a response; `Vary` alone for origins that are not listed."""
        if not self._origins:
            return []
        origin = request.environ.get("HTTP_ORIGIN", "")
        if origin.lower() not in self._origins:
            return [("Vary", "Origin")]
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", MAY_READ),
            ("Vary", "Origin"),
        ]

    def options(self, request: Request, methods: list[str]) -> Response:
        """Answer OPTIONS with the methods; a listed origin's preflight also gets the headers it may send."""
        if not methods:
            raise NotFound("There is nothing at this address.")
        headers = [("Allow", ", ".join(methods))]
        asked = request.environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
        if asked and request.environ.get("HTTP_ORIGIN", "").lower() in self._origins:
            headers += [
                ("Access-Control-Allow-Methods", ", ".join(methods)),
                ("Access-Control-Allow-Headers", MAY_SEND),
                ("Access-Control-Max-Age", MAX_AGE_SECONDS),
            ]
        return Response(204, headers)
