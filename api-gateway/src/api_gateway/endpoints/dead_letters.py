"""Lists the dead letters of all services as one list."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from service_kit.http.pages import decode_cursor, encode_cursor
from service_kit.http.problems import Invalid, Problem

from api_gateway.endpoints.queries import PAGE, fields_of, limit_of
from api_gateway.headers import filter_response_headers
from api_gateway.messages import Request, Response, json_response
from api_gateway.proxy import Proxy
from api_gateway.upstreams import Upstream, Upstreams

ADDRESS = "/api/dead-letters"
FIELDS: dict[str, Mapping[str, Any]] = {
    "service": {"type": "string", "description": "Dead letters of this service alone."},
    "queue": {"type": "string", "description": "Dead letters of this queue alone."},
    "state": {"type": "string", "enum": ["waiting", "dead"], "description": "Waiting for a retry, or given up."},
    **PAGE,
}
SERVICE_SECONDS = 3.0


class DeadLetters:
    """`/api/dead-letters`: reads one service after the other, so that the cursor is a service and its own cursor."""

    def __init__(self, proxy: Proxy, upstreams: Upstreams) -> None:
        self._proxy = proxy
        self._upstreams = upstreams

    def show(self, request: Request) -> Response:
        """List dead letters, of one service if the query names it; `missing` lists services that don't answer."""
        fields = fields_of(request.query, FIELDS)
        limit = limit_of(fields)
        services = self._asked_for(fields)
        begin, cursor = decode_cursor(fields.get("cursor"), (str, str)) or (services[0].name, "")
        names = [upstream.name for upstream in services]
        if begin not in names:
            raise Invalid("The cursor is not one of ours.", errors=[{"field": "cursor", "message": "Not a cursor."}])
        filters: dict[str, str] = {name: fields[name] for name in ("queue", "state") if name in fields}
        items: list[dict[str, Any]] = []
        missing: list[str] = []
        following: tuple[str, str] | None = None
        for upstream in services[names.index(begin) :]:
            if len(items) >= limit:
                following = (upstream.name, "")
                break
            query: dict[str, str] = {**filters, "limit": str(limit - len(items))}
            if cursor:
                query["cursor"] = cursor
            page = self._page(request, upstream, query)
            cursor = ""
            if isinstance(page, Response):
                return page
            if page is None:
                missing.append(upstream.name)
                continue
            items += [{"service": upstream.name, **item} for item in page["items"]]
            if page.get("next"):
                following = (upstream.name, page["next"])
                break
        return _shown(items, missing, encode_cursor(following) if following else None, fields)

    def _asked_for(self, fields: dict[str, str]) -> list[Upstream]:
        name = fields.get("service") or fields.get("queue", "").partition(".")[0]
        if not name:
            return list(self._upstreams)
        if name not in self._upstreams:
            field = "service" if "service" in fields else "queue"
            raise Invalid("The query can't be accepted.", errors=[{"field": field, "message": "No such service."}])
        return [self._upstreams[name]]

    def _page(self, request: Request, upstream: Upstream, query: dict[str, str]) -> Response | Any | None:
        """Return the service's page, None if the service fails, or its 400 or 403 response."""
        try:
            response = self._proxy.ask(upstream, request, ADDRESS, query=urlencode(query), seconds=SERVICE_SECONDS)
        except Problem:
            return None
        if response.status == 200:
            return orjson.loads(response.body)
        if response.status in (400, 403):
            return Response(response.status, filter_response_headers(response.headers), response.body)
        return None


def _shown(items: list[Any], missing: list[str], cursor: str | None, fields: dict[str, str]) -> Response:
    headers = []
    if cursor:
        headers.append(("Link", f'<{ADDRESS}?{urlencode(fields | {"cursor": cursor})}>; rel="next"'))
    return json_response({"count": len(items), "items": items, "next": cursor, "missing": missing}, headers=headers)
