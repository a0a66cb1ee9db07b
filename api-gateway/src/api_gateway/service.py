"""Builds the gateway and its parts."""

from collections.abc import Sequence

from service_kit.identity import ADMIN, AGENT, MANAGER
from service_kit.telemetry.logs import get_logger
from service_kit.telemetry.metrics import CONTENT_TYPE, Metrics

from api_gateway.aliases import ALIASES, Alias
from api_gateway.authentication.auth_service import AuthService
from api_gateway.authentication.authenticator import Authenticator
from api_gateway.endpoints import audit, dead_letters, docs, local_examples, problem_pages
from api_gateway.endpoints.audit import Audit
from api_gateway.endpoints.dead_letters import DeadLetters
from api_gateway.endpoints.health import Health
from api_gateway.endpoints.index import Index, statuses
from api_gateway.endpoints.local_endpoint import TEXT, LocalEndpoint
from api_gateway.endpoints.metrics import SystemMetrics
from api_gateway.endpoints.openapi import OpenApi
from api_gateway.endpoints.status_ports import status_table
from api_gateway.endpoints.trace import Trace
from api_gateway.gateway import Gateway
from api_gateway.live.endpoints import RealTime, live_endpoints
from api_gateway.live.tickets import Tickets
from api_gateway.live.tunnels import Goodbyes, Tunnels
from api_gateway.live.upstream import LiveUpstream
from api_gateway.program import GatewayService
from api_gateway.proxy import Proxy
from api_gateway.rate_limits.limiter import Limiter
from api_gateway.rate_limits.redis_store import RedisCounts
from api_gateway.rate_limits.shared import SharedCounts
from api_gateway.routes import ROUTES, Route
from api_gateway.settings import NAME, PORT, Settings, read_settings
from api_gateway.upstreams import Upstreams

log = get_logger(__name__)

STAFF = frozenset({AGENT, MANAGER, ADMIN})


def create_app(settings: Settings, metrics: Metrics) -> Gateway:
    """Make the gateway, a WSGI application; connects to nothing."""
    parts = _Parts(settings, metrics)
    if settings.any_host and "*" not in settings.hosts and not settings.development:
        log.warning("requests for any host are accepted: set PUBLIC_URL or GATEWAY_HOSTS")
    limiter = Limiter(settings.rate_limits, settings.http_workers, shared_counts(settings, metrics))
    return Gateway(
        settings,
        metrics,
        parts.proxy,
        parts.authenticator,
        limiter,
        parts.real_time,
        parts.entries,
        status_table(parts.upstreams),
    )


def shared_counts(settings: Settings, metrics: Metrics) -> SharedCounts | None:
    """Return the store in which gateways count together, None where each process counts for itself."""
    limits = settings.rate_limits
    if not (limits.on and limits.store_url):
        return None
    store = RedisCounts(limits.store_url, seconds=limits.store_seconds, connections=settings.http_threads)
    failures = metrics.counter("rate_limits_counted_locally", "Requests counted here: the shared store did not answer.")
    return SharedCounts(store, failures)


def entries_of(settings: Settings, metrics: Metrics) -> Sequence[LocalEndpoint | Route | Alias]:
    """Return everything that the gateway answers or forwards; connects to nothing."""
    return _Parts(settings, metrics).entries


class _Parts:
    """The parts of the gateway, and the entries that it answers."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        self.upstreams = upstreams = Upstreams(settings)
        self.proxy = proxy = Proxy(settings, upstreams)
        auth_service = AuthService(upstreams, proxy.token, settings.operator_company_id)
        self.authenticator = Authenticator(settings, auth_service)
        tunnels = Tunnels(settings.tunnels, metrics, self.authenticator.why_ended, Goodbyes(settings))
        self.real_time = RealTime(settings, LiveUpstream(settings), tunnels, Tickets(settings.signing_key))
        index, openapi = Index(), OpenApi(upstreams, token_needed=not settings.development)
        local = local_endpoints(
            index, openapi, Health(upstreams), SystemMetrics(metrics, upstreams), DeadLetters(proxy, upstreams),
            Trace(proxy, upstreams), Audit(proxy, upstreams), self.real_time,
        )  # fmt: skip
        routes = [route for route in ROUTES if route.service in upstreams or route.service.startswith("{")]
        targets: tuple[LocalEndpoint | Route, ...] = (*local, *routes)
        offered = {(entry.method, entry.pattern) for entry in targets}
        aliases = [alias for alias in ALIASES if (alias.to_method, alias.to_pattern) in offered]
        self.entries: Sequence[LocalEndpoint | Route | Alias] = (*targets, *aliases)
        index.describe(targets)
        openapi.describe(self.entries)


def local_endpoints(
    index: Index,
    openapi: OpenApi,
    health: Health,
    metrics: SystemMetrics,
    letters: DeadLetters,
    trace: Trace,
    records: Audit,
    real_time: RealTime,
) -> tuple[LocalEndpoint, ...]:
    """Return the endpoints that the gateway answers without a service."""
    prometheus = CONTENT_TYPE.partition(";")[0]
    return (
        LocalEndpoint("GET", "/", index.show, "What the API offers", example=local_examples.INDEX),
        LocalEndpoint("GET", "/docs", docs.show, "This API to read and try", schema=TEXT, media_type="text/html"),
        LocalEndpoint("GET", "/docs/{file}", docs.show_file, "A file of that page", schema=TEXT, media_type="text/*"),
        LocalEndpoint("GET", "/problems", problem_pages.show_all, "All problems", schema=TEXT, media_type="text/html"),
        LocalEndpoint(
            "GET", "/problems/{code}", problem_pages.show, "What a problem means", schema=TEXT, media_type="text/html",
        ),
        LocalEndpoint(
            "GET", "/openapi.json", openapi.show, "This API as an OpenAPI document",
            example=local_examples.OPENAPI,
        ),
        LocalEndpoint("GET", "/health", health.alive, "The gateway is alive", example=local_examples.ALIVE),
        LocalEndpoint("GET", "/ready", health.ready, "The gateway takes requests", example=local_examples.READY),
        LocalEndpoint(
            "GET", "/api/health", health.everything, "How every service is, and why",
            example=local_examples.HEALTH,
        ),
        LocalEndpoint("GET", "/metrics", metrics.show, "Figures of every replica", schema=TEXT, media_type=prometheus),
        LocalEndpoint(
            "GET", "/api/statuses", statuses, "The statuses a ticket can have",
            example=local_examples.STATUSES,
        ),
        LocalEndpoint(
            "GET", dead_letters.ADDRESS, letters.show, "What could not be processed, of all services",
            roles=frozenset({ADMIN}), query=dead_letters.FIELDS, example=local_examples.DEAD_LETTERS,
        ),
        LocalEndpoint(
            "GET", audit.ADDRESS, records.show, "Who did what to which record, from where, of all services",
            roles=frozenset({ADMIN}), query=audit.FIELDS, example=local_examples.AUDIT,
        ),
        LocalEndpoint(
            "GET", "/api/tickets/{ticket_id}/trace", trace.show, "A ticket's way, hop by hop",
            roles=STAFF, path={"ticket_id": {"type": "integer", "minimum": 1}}, example=local_examples.TRACE,
        ),
        *live_endpoints(real_time),
    )  # fmt: skip


SERVICE = GatewayService(name=NAME, port=PORT, read_settings=read_settings, create_app=create_app)
