"""How everything is, in two seconds at most, whatever is down."""

import threading
import time
from typing import Any

import orjson
from service_kit.calls import NeighbourDown, NeighbourSlow

from api_gateway.gather import Gather
from api_gateway.messages import Answer, Request, json_answer
from api_gateway.settings import NAME
from api_gateway.upstreams import Upstreams

LOOK_SECONDS = 1.5
CACHE_SECONDS = 1.0

Status = dict[str, Any]


class Health:
    """`/health`, `/ready` and `/api/health`."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._gather: Gather[str, Status] = Gather(self._ask, threads=16, name="health")
        self._lock = threading.Lock()
        self._cached: tuple[float, Status] | None = None

    def alive(self, _request: Request) -> Answer:
        """Tell that the process is alive."""
        return json_answer({"status": "healthy", "service": NAME})

    def ready(self, _request: Request) -> Answer:
        """Tell that requests are taken: the gateway needs nothing but itself, services that are down get their 503."""
        return json_answer({"status": "ready", "service": NAME, "checks": {}})

    def everything(self, _request: Request) -> Answer:
        """Tell how every service is, and why; 200 whatever is down."""
        return json_answer(self.look())

    def look(self) -> Status:
        """Return the state of every service, at most a second old."""
        with self._lock:
            if self._cached is None or time.monotonic() - self._cached[0] > CACHE_SECONDS:
                body = self._look()
                self._cached = (time.monotonic(), body)
            return self._cached[1]

    def _look(self) -> Status:
        answers = self._gather.each([upstream.name for upstream in self._upstreams], LOOK_SECONDS)
        services: dict[str, Status] = {NAME: {"status": "healthy"}}
        for name, answer in answers.items():
            if isinstance(answer, NeighbourDown | NeighbourSlow):
                answer = _unhealthy("can't be reached" if isinstance(answer, NeighbourDown) else "no answer in time")
            elif isinstance(answer, Exception):
                answer = _unhealthy("its answer makes no sense")
            services[name] = answer or _unhealthy("no answer in time")
        fine = all(service["status"] == "healthy" for service in services.values())
        return {"status": "healthy" if fine else "degraded", "services": services}

    def _ask(self, name: str) -> Status:
        answer = self._upstreams[name].checks.request("GET", "/ready", headers={"Accept": "application/json"})
        body = orjson.loads(answer.body)
        reasons = [
            f"{check}: {state.get('reason') or 'not ok'}"
            for check, state in body.get("checks", {}).items()
            if not state.get("ok", False)
        ]
        if answer.status == 200 and body.get("status") == "ready":
            return {"status": "healthy"}
        if answer.status == 200:
            return {"status": "degraded", "reason": "; ".join(reasons) or "degraded"}
        return _unhealthy("; ".join(reasons) or f"answers {answer.status}")


def _unhealthy(reason: str) -> Status:
    return {"status": "unhealthy", "reason": reason}
