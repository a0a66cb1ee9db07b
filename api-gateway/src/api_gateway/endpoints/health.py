"""Health of the gateway and of all services, within two seconds whatever is down."""

import threading
import time
from typing import Any

import orjson
from http_server.exchange import STOPPING
from service_kit.http_client import UpstreamTimeout, UpstreamUnavailable

from api_gateway.fan_out import ParallelCalls
from api_gateway.messages import Request, Response, json_response
from api_gateway.settings import NAME
from api_gateway.upstreams import Upstreams

FAN_OUT_SECONDS = 1.5
CACHE_SECONDS = 1.0

Status = dict[str, Any]


class Health:
    """`/health`, `/ready` and `/api/health`."""

    def __init__(self, upstreams: Upstreams) -> None:
        self._upstreams = upstreams
        self._calls: ParallelCalls[str, Status] = ParallelCalls(self._check, threads=16, name="health")
        self._lock = threading.Lock()
        self._cached: tuple[float, Status] | None = None

    def alive(self, _request: Request) -> Response:
        """Answer 200: the process is alive."""
        return json_response({"status": "healthy", "service": NAME})

    def ready(self, request: Request) -> Response:
        """Answer 200, and 503 once the gateway stops. It depends on nothing: a service that is down costs its routes.

        Load balancers then send new requests elsewhere, while those that still arrive are answered.
        """
        if request.environ.get(STOPPING):
            return json_response({"status": "stopping", "service": NAME, "checks": {}}, 503)
        return json_response({"status": "ready", "service": NAME, "checks": {}})

    def everything(self, _request: Request) -> Response:
        """Show the state of every service with its reason; 200 whatever is down."""
        return json_response(self.status())

    def status(self) -> Status:
        """Return the state of every service, at most a second old."""
        with self._lock:
            if self._cached is None or time.monotonic() - self._cached[0] > CACHE_SECONDS:
                body = self._check_all()
                self._cached = (time.monotonic(), body)
            return self._cached[1]

    def _check_all(self) -> Status:
        responses = self._calls.run([upstream.name for upstream in self._upstreams], FAN_OUT_SECONDS)
        services: dict[str, Status] = {NAME: {"status": "healthy"}}
        for name, response in responses.items():
            if isinstance(response, UpstreamUnavailable | UpstreamTimeout):
                response = _unhealthy(
                    "can't be reached" if isinstance(response, UpstreamUnavailable) else "no answer in time"
                )
            elif isinstance(response, Exception):
                response = _unhealthy("its answer is no readiness report")
            services[name] = response or _unhealthy("no answer in time")
        fine = all(service["status"] == "healthy" for service in services.values())
        return {"status": "healthy" if fine else "degraded", "services": services}

    def _check(self, name: str) -> Status:
        response = self._upstreams[name].checks.request("GET", "/ready", headers={"Accept": "application/json"})
        body = orjson.loads(response.body)
        reasons = [
            f"{check}: {state.get('reason') or 'not ok'}"
            for check, state in body.get("checks", {}).items()
            if not state.get("ok", False)
        ]
        if response.status == 200 and body.get("status") == "ready":
            return {"status": "healthy"}
        if response.status == 200:
            return {"status": "degraded", "reason": "; ".join(reasons) or "degraded"}
        return _unhealthy("; ".join(reasons) or f"answers {response.status}")


def _unhealthy(reason: str) -> Status:
    return {"status": "unhealthy", "reason": reason}
