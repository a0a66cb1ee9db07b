"""One ticket's way through all services, hop by hop."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from service_kit.http.problems import Forbidden, NotFound, Problem

from api_gateway.gather import Gather
from api_gateway.messages import Answer, Request, json_answer
from api_gateway.proxy import Proxy
from api_gateway.routes import TICKETS
from api_gateway.upstreams import Upstreams

SERVICE_SECONDS = 3.0
LONGEST_ID = 19
Hop = dict[str, Any]


class Question(NamedTuple):
    """What is asked of one service for one request."""

    request: Request
    service: str
    ticket_id: str


class Trace:
    """`/api/tickets/{ticket_id}/trace`: every service knows its own part, the gateway puts them in order."""

    def __init__(self, proxy: Proxy, upstreams: Upstreams) -> None:
        self._proxy = proxy
        self._upstreams = upstreams
        self._gather: Gather[Question, list[Hop]] = Gather(self._ask, threads=16, name="trace")

    def show(self, request: Request) -> Answer:
        """Show the hops in order of time, with the time each event was on its way; raise NotFound (404)."""
        ticket_id = request.params["ticket_id"]
        if not (ticket_id.isascii() and ticket_id.isdigit() and len(ticket_id) <= LONGEST_ID):
            raise NotFound("There is no such ticket.")
        questions = [Question(request, upstream.name, ticket_id) for upstream in self._upstreams]
        answers = self._gather.each(questions, SERVICE_SECONDS + 0.2)
        hops: list[Hop] = []
        missing: list[str] = []
        for question, answer in answers.items():
            if isinstance(answer, Forbidden):
                raise answer
            if isinstance(answer, list):
                hops += answer
            else:
                missing.append(question.service)
        if not hops and TICKETS not in missing:
            self._must_exist(request, ticket_id)
        hops.sort(key=lambda hop: (hop["at"], hop["step"] != "published"))
        return json_answer({"ticket_id": int(ticket_id), "hops": hops, "total_ms": _total_ms(hops), "missing": missing})

    def _ask(self, question: Question) -> list[Hop]:
        answer = self._proxy.ask(
            self._upstreams[question.service],
            question.request,
            f"/internal/trace/{question.ticket_id}",
            seconds=SERVICE_SECONDS,
        )
        if answer.status == 403:
            raise Forbidden("Your role may not do this.")
        if answer.status != 200:
            raise Problem(f"{question.service} answered {answer.status}", status=503)
        return [shown(hop, question.service) for hop in orjson.loads(answer.body)["hops"]]

    def _must_exist(self, request: Request, ticket_id: str) -> None:
        """Hops are kept for days, tickets for good: no hops doesn't mean that there is no ticket."""
        answer = self._proxy.ask(self._upstreams[TICKETS], request, f"/api/tickets/{ticket_id}")
        if answer.status == 404:
            raise NotFound("There is no such ticket.")


def shown(hop: Mapping[str, Any], service: str) -> Hop:
    """Return one service's hop as a client sees it."""
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


def _total_ms(hops: list[Hop]) -> float | None:
    return _ms(hops[0]["at"], hops[-1]["at"]) if hops else None
