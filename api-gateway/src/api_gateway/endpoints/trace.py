"""Shows the hops of one ticket's events through all services."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from service_kit.http.problems import Forbidden, NotFound, Problem

from api_gateway.fan_out import ParallelCalls
from api_gateway.messages import Request, Response, json_response
from api_gateway.proxy import Proxy
from api_gateway.routes import TICKETS
from api_gateway.upstreams import Upstreams

SERVICE_SECONDS = 3.0
MAX_ID_DIGITS = 19
Hop = dict[str, Any]


class TraceQuery(NamedTuple):
    """One service's part of a trace."""

    request: Request
    service: str
    ticket_id: str


class Trace:
    """`/api/tickets/{ticket_id}/trace`: each service returns its own hops, and the gateway sorts them by time."""

    def __init__(self, proxy: Proxy, upstreams: Upstreams) -> None:
        self._proxy = proxy
        self._upstreams = upstreams
        self._calls: ParallelCalls[TraceQuery, list[Hop]] = ParallelCalls(self._fetch, threads=16, name="trace")

    def show(self, request: Request) -> Response:
        """Show the hops by time, with the milliseconds each event spent in its queue; raise NotFound (404)."""
        ticket_id = request.params["ticket_id"]
        if not (ticket_id.isascii() and ticket_id.isdigit() and len(ticket_id) <= MAX_ID_DIGITS):
            raise NotFound("There is no such ticket.", code="ticket_not_found")
        queries = [TraceQuery(request, upstream.name, ticket_id) for upstream in self._upstreams]
        responses = self._calls.run(queries, SERVICE_SECONDS + 0.2)
        hops: list[Hop] = []
        missing: list[str] = []
        for query, response in responses.items():
            if isinstance(response, Forbidden):
                raise response
            if isinstance(response, list):
                hops += response
            else:
                missing.append(query.service)
        if not hops and TICKETS not in missing:
            self._must_exist(request, ticket_id)
        hops.sort(key=lambda hop: (hop["at"], hop["step"] != "published"))
        return json_response(
            {"ticket_id": int(ticket_id), "hops": hops, "total_ms": total_ms(hops), "missing": missing}
        )

    def _fetch(self, query: TraceQuery) -> list[Hop]:
        response = self._proxy.ask(
            self._upstreams[query.service],
            query.request,
            f"/internal/trace/{query.ticket_id}",
            seconds=SERVICE_SECONDS,
        )
        if response.status == 403:
            raise Forbidden("Your role may not do this.")
        if response.status != 200:
            raise Problem(f"{query.service} answered {response.status}", status=503)
        return [shown(hop, query.service) for hop in orjson.loads(response.body)["hops"]]

    def _must_exist(self, request: Request, ticket_id: str) -> None:
        """Raise NotFound for an unknown ticket. Hops are deleted after some days, so a known ticket may have none."""
        response = self._proxy.ask(self._upstreams[TICKETS], request, f"/api/tickets/{ticket_id}")
        if response.status == 404:
            raise NotFound("There is no such ticket.", code="ticket_not_found")


def shown(hop: Mapping[str, Any], service: str) -> Hop:
    """Return a hop in the form that clients receive."""
    consumed = hop["step"] == "consumed"
    return {
        "at": (hop["done_at"] if consumed else None) or hop["begun_at"],
        "service": service,
        "step": _STEPS[hop["step"]].format(queue=hop["queue"]),
        "event": hop["type"],
        "event_id": hop["event_id"],
        "queue_ms": _ms(hop["event_time"], hop["begun_at"]) if consumed else None,
        "took_ms": _ms(hop["begun_at"], hop["done_at"]) if hop["done_at"] else None,
        "attempts": hop["attempts"],
        "request_id": hop["request_id"] or None,
        "outcome": hop["reason"] or ("done" if hop["done_at"] else "waiting"),
    }


_STEPS = {
    "published": "published",
    "consumed": "consumed by {queue}",
    "parked": "parked by {queue}",
    "dead": "given up by {queue}",
}


def _ms(begin: str, end: str) -> float:
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    return round(seconds * 1000, 3)


def total_ms(hops: list[Hop]) -> float | None:
    return _ms(hops[0]["at"], hops[-1]["at"]) if hops else None
