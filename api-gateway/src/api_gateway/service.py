"""Builds the gateway and its parts."""

from collections.abc import Sequence

from service_kit.identity import ADMIN, AGENT, MANAGER
from service_kit.runnable import StatelessService
from service_kit.telemetry.metrics import CONTENT_TYPE, Metrics

from api_gateway.aliases import ALIASES, Alias
from api_gateway.authentication.auth_service import AuthService
from api_gateway.authentication.authenticator import Authenticator
from api_gateway.endpoints import dead_letters, docs
from api_gateway.endpoints.dead_letters import DeadLetters
from api_gateway.endpoints.health import Health
from api_gateway.endpoints.index import Index, statuses
from api_gateway.endpoints.local_endpoint import TEXT, LocalEndpoint
from api_gateway.endpoints.metrics import SystemMetrics
from api_gateway.endpoints.openapi import OpenApi
from api_gateway.endpoints.status_ports import status_table
from api_gateway.endpoints.trace import Trace
from api_gateway.gateway import Gateway
from api_gateway.proxy import Proxy
from api_gateway.routes import ROUTES, Route
from api_gateway.settings import NAME, PORT, Settings, read_settings
from api_gateway.upstreams import Upstreams

STAFF = frozenset({AGENT, MANAGER, ADMIN})


def create_app(settings: Settings, metrics: Metrics) -> Gateway:
    """Make the gateway, a WSGI application; connects to nothing."""
    upstreams = Upstreams(settings)
    proxy = Proxy(settings, upstreams)
    index, openapi = Index(), OpenApi(upstreams, token_needed=not settings.development)
    local = local_endpoints(
        index, openapi, Health(upstreams), SystemMetrics(metrics, upstreams), DeadLetters(proxy, upstreams),
        Trace(proxy, upstreams),
    )  # fmt: skip
    routes = [route for route in ROUTES if route.service in upstreams or route.service.startswith("{")]
    targets: tuple[LocalEndpoint | Route, ...] = (*local, *routes)
    offered = {(entry.method, entry.pattern) for entry in targets}
    aliases = [alias for alias in ALIASES if (alias.to_method, alias.to_pattern) in offered]
    entries: Sequence[LocalEndpoint | Route | Alias] = (*targets, *aliases)
    index.describe(targets)
    openapi.describe(entries)
    auth_service = AuthService(upstreams, proxy.token, settings.operator_company_id)
    authenticator = Authenticator(settings, auth_service)
    return Gateway(settings, metrics, proxy, authenticator, entries, status_table(upstreams))


def local_endpoints(
    index: Index, openapi: OpenApi, health: Health, metrics: SystemMetrics, letters: DeadLetters, trace: Trace
) -> tuple[LocalEndpoint, ...]:
    """Return the endpoints that the gateway answers without a service."""
    prometheus = CONTENT_TYPE.partition(";")[0]
    return (
        LocalEndpoint("GET", "/", index.show, "What the API offers"),
        LocalEndpoint("GET", "/docs", docs.show, "This API to read and try", schema=TEXT, media_type="text/html"),
        LocalEndpoint("GET", "/docs/{file}", docs.show_file, "A file of that page", schema=TEXT, media_type="text/*"),
        LocalEndpoint("GET", "/openapi.json", openapi.show, "This API as an OpenAPI document"),
        LocalEndpoint("GET", "/health", health.alive, "The gateway is alive"),
        LocalEndpoint("GET", "/ready", health.ready, "The gateway takes requests"),
        LocalEndpoint("GET", "/api/health", health.everything, "How every service is, and why"),
        LocalEndpoint("GET", "/metrics", metrics.show, "Figures of every replica", schema=TEXT, media_type=prometheus),
        LocalEndpoint("GET", "/api/statuses", statuses, "The statuses a ticket can have"),
        LocalEndpoint(
            "GET", dead_letters.ADDRESS, letters.show, "What could not be processed, of all services",
            roles=frozenset({ADMIN}), query=dead_letters.FIELDS,
        ),
        LocalEndpoint(
            "GET", "/api/tickets/{ticket_id}/trace", trace.show, "A ticket's way, hop by hop",
            roles=STAFF, path={"ticket_id": {"type": "integer", "minimum": 1}},
        ),
    )  # fmt: skip


SERVICE = StatelessService(name=NAME, port=PORT, read_settings=read_settings, create_app=create_app)
