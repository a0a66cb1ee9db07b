"""Judges the origin of a page that opens a WebSocket: browsers ask no permission first, as they do for requests."""

from urllib.parse import urlsplit

from service_kit.http.problems import Forbidden

from api_gateway.messages import Request


def refuse_foreign(request: Request, origins: frozenset[str]) -> None:
    """Raise Forbidden (403) for a page of another origin, unless it is listed (`CORS_ORIGINS`)."""
    origin = request.environ.get("HTTP_ORIGIN", "").lower()
    if origin and origin not in origins and urlsplit(origin).netloc != request.host.lower():
        raise Forbidden("A page of this origin may not connect; see CORS_ORIGINS.", code="origin_refused")
