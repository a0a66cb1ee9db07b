"""The only place that builds things and hands them to each other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from service_kit.identity import ADMIN, AGENT, MANAGER
from service_kit.telemetry.metrics import CONTENT_TYPE, Metrics

from api_gateway.aliases import ALIASES, Alias
from api_gateway.gateway import Gateway
from api_gateway.own import dead_letters
from api_gateway.own.dead_letters import DeadLetters
from api_gateway.own.docs import Docs
from api_gateway.own.endpoint import TEXT, Own
from api_gateway.own.health import Health
from api_gateway.own.index import Index, statuses
from api_gateway.own.metrics import SystemMetrics
from api_gateway.own.openapi import OpenApi
from api_gateway.own.status_ports import status_table
from api_gateway.own.trace import Trace
from api_gateway.proxy import Proxy
from api_gateway.routes import ROUTES, Route
from api_gateway.settings import NAME, PORT, Settings, read_settings
from api_gateway.upstreams import Upstreams

__all__ = ["NAME", "PORT", "Settings", "create_app", "read_settings"]

PEOPLE_INSIDE = frozenset({AGENT, MANAGER, ADMIN})


def create_app(
    settings: Settings,
    metrics: Metrics | None = None,
    worker_status: Callable[[], Mapping[str, Any]] | None = None,
) -> Gateway:
    """Make the gateway, a WSGI application; connects to nothing. `worker_status` is for services with a worker."""
    metrics = metrics or Metrics(NAME)
    upstreams = Upstreams(settings)
    proxy = Proxy(settings, upstreams)
    index, openapi = Index(), OpenApi(upstreams, token_needed=not settings.development)
    own = own_endpoints(
        index, openapi, Health(upstreams), SystemMetrics(metrics, upstreams), DeadLetters(proxy, upstreams),
        Trace(proxy, upstreams),
    )  # fmt: skip
    routes = [route for route in ROUTES if route.service in upstreams or route.service.startswith("{")]
    targets: tuple[Own | Route, ...] = (*own, *routes)
    offered = {(entry.method, entry.pattern) for entry in targets}
    aliases = [alias for alias in ALIASES if (alias.to_method, alias.to_pattern) in offered]
    entries: Sequence[Own | Route | Alias] = (*targets, *aliases)
    index.describe(targets)
    openapi.describe(entries)
    return Gateway(settings, metrics, proxy, entries, status_table(upstreams))


def own_endpoints(
    index: Index, openapi: OpenApi, health: Health, metrics: SystemMetrics, letters: DeadLetters, trace: Trace
) -> tuple[Own, ...]:
    """Return what the gateway answers itself."""
    prometheus = CONTENT_TYPE.partition(";")[0]
    return (
        Own("GET", "/", index.show, "What the API offers"),
        Own("GET", "/docs", Docs(openapi).show, "This API to read", schema=TEXT, media_type="text/html"),
        Own("GET", "/openapi.json", openapi.show, "This API as an OpenAPI document"),
        Own("GET", "/health", health.alive, "The gateway is alive"),
        Own("GET", "/ready", health.ready, "The gateway takes requests"),
        Own("GET", "/api/health", health.everything, "How every service is, and why"),
        Own("GET", "/metrics", metrics.show, "Figures of every replica", schema=TEXT, media_type=prometheus),
        Own("GET", "/api/statuses", statuses, "The statuses a ticket can have"),
        Own(
            "GET", dead_letters.ADDRESS, letters.show, "What could not be processed, of all services",
            roles=frozenset({ADMIN}), query=dead_letters.FIELDS,
        ),
        Own(
            "GET", "/api/tickets/{ticket_id}/trace", trace.show, "A ticket's way, hop by hop",
            roles=PEOPLE_INSIDE, path={"ticket_id": {"type": "integer", "minimum": 1}},
        ),
    )  # fmt: skip
