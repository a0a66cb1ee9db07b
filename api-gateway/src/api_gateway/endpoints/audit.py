"""Lists the audit records of all services as one list, by time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from heapq import merge
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson
from service_kit.http.pages import decode_cursor, encode_cursor
from service_kit.http.problems import Forbidden, Invalid, Problem

from api_gateway.endpoints.queries import PAGE, fields_of, limit_of
from api_gateway.fan_out import ParallelCalls
from api_gateway.headers import filter_response_headers
from api_gateway.messages import Request, Response, json_response
from api_gateway.proxy import Proxy
from api_gateway.upstreams import Upstreams

ADDRESS = "/api/audit"
NUMBER: Mapping[str, Any] = {"type": "integer", "minimum": 1}
MOMENT: Mapping[str, Any] = {"type": "string", "description": "A date such as 2026-11-20, or a time."}
FIELDS: dict[str, Mapping[str, Any]] = {
    "service": {"type": "string", "description": "Records of this service alone."},
    "ticket_id": NUMBER | {"description": "What concerns this ticket."},
    "task_id": NUMBER | {"description": "What concerns this task."},
    "user_id": NUMBER | {"description": "Who did it."},
    "api_key_id": {"type": "string", "description": "The id of the API key that did it."},
    "action": {"type": "string", "description": "Such as `ticket.updated`."},
    "record": {"type": "string", "description": "A kind such as `user`, or a record such as `user:7`."},
    "start_date": MOMENT,
    "end_date": MOMENT,
    **PAGE,
}
FILTERS = ("ticket_id", "task_id", "user_id", "api_key_id", "action", "record", "start_date", "end_date")
SERVICE_SECONDS = 3.0
MAX_ID = 2**63 - 1
Record = dict[str, Any]


class Position(NamedTuple):
    """A record's place among those of all services: newest first, then by service, then the highest id first."""

    at: datetime
    service: str
    id: int


class Part(NamedTuple):
    """The request for one service's page."""

    request: Request
    service: str
    query: str


class Refused(Exception):
    """A service refuses the query; the response says why."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Audit:
    """`/api/audit`: each service returns its own records, and the gateway merges them by time."""

    def __init__(self, proxy: Proxy, upstreams: Upstreams) -> None:
        self._proxy = proxy
        self._upstreams = upstreams
        self._calls: ParallelCalls[Part, Mapping[str, Any]] = ParallelCalls(self._fetch, threads=16, name="audit")

    def show(self, request: Request) -> Response:
        """List records; `missing` names the services that don't answer: their records are absent from this page.

        Raises Invalid (400) and Forbidden (403).
        """
        fields = fields_of(request.query, FIELDS)
        limit = limit_of(fields)
        found = decode_cursor(fields.get("cursor"), (datetime, str, int))
        after = Position(*found) if found else None
        names = self._asked_for(fields)
        responses = self._calls.run(
            [Part(request, name, _query(fields, limit, name, after)) for name in names], SERVICE_SECONDS + 0.2
        )
        pages: dict[str, Mapping[str, Any]] = {}
        for part, response in responses.items():
            if isinstance(response, Refused):
                return response.response
            if isinstance(response, Forbidden):
                raise response
            if isinstance(response, Mapping):
                pages[part.service] = response
        items, following = merged(pages, limit)
        body = {"count": len(items), "items": items, "next": following, "missing": sorted(set(names) - pages.keys())}
        link = f'<{ADDRESS}?{urlencode(fields | {"cursor": following})}>; rel="next"' if following else ""
        return json_response(body, headers=[("Link", link)] if link else [])

    def _asked_for(self, fields: Mapping[str, str]) -> list[str]:
        name = fields.get("service")
        if name is None:
            return [upstream.name for upstream in self._upstreams]
        if name not in self._upstreams:
            raise Invalid("The query can't be accepted.", errors=[{"field": "service", "message": "No such service."}])
        return [name]

    def _fetch(self, part: Part) -> Mapping[str, Any]:
        response = self._proxy.ask(
            self._upstreams[part.service], part.request, ADDRESS, query=part.query, seconds=SERVICE_SECONDS
        )
        if response.status == 200:
            page = orjson.loads(response.body)
            if not (isinstance(page, dict) and isinstance(page.get("items"), list)):
                raise Problem(f"{part.service} answered no page", status=503)
            return page
        if response.status == 403:
            raise Forbidden("Your role may not do this.")
        if response.status == 400:
            raise Refused(Response(response.status, filter_response_headers(response.headers), response.body))
        raise Problem(f"{part.service} answered {response.status}", status=503)


def merged(pages: Mapping[str, Mapping[str, Any]], limit: int) -> tuple[list[Record], str | None]:
    """Return the newest records of all pages, and the cursor of what follows; None where nothing does."""
    each_sorted = ([{**item, "service": service} for item in page["items"]] for service, page in pages.items())
    records = list(merge(*each_sorted, key=_order))
    more = len(records) > limit or any(page.get("next") for page in pages.values())
    shown = records[:limit]
    return shown, encode_cursor(_position(shown[-1])) if more and shown else None


def before(service: str, after: Position) -> tuple[datetime, int]:
    """Return the time and id before which a service's records lie that follow a position in the merged list."""
    if service == after.service:
        return after.at, after.id
    # Of the same moment, those of later services are still to come, those of earlier ones were shown.
    return after.at, MAX_ID if service > after.service else 0


def _query(fields: Mapping[str, str], limit: int, service: str, after: Position | None) -> str:
    query = {name: fields[name] for name in FILTERS if name in fields} | {"limit": str(limit)}
    if after is not None:
        query["cursor"] = encode_cursor(before(service, after))
    return urlencode(query)


def _position(record: Record) -> Position:
    return Position(datetime.fromisoformat(record["at"]), record["service"], record["id"])


def _order(record: Record) -> Sequence[Any]:
    at, service, number = _position(record)
    return -at.timestamp(), service, -number
