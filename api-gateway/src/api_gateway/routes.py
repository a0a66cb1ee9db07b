"""The allow-list: which routes the gateway forwards, and to which service. A route that isn't listed is 404.

`make docs` lists the services' public routes in `contracts/http/*.json`; the tables here say what the gateway does
differently for some of them. The gateway authenticates the caller (401); the services check the caller's role (403) and
every field (400).
"""

import json
from dataclasses import dataclass

from smartticket_contracts import folder
from smartticket_contracts.services import services_behind_the_gateway

TICKETS = "ticket-service"


@dataclass(frozen=True)
class Route:
    """One method of one address, answered by a service."""

    method: str
    pattern: str
    service: str
    """A service's name; or `{parameter}`: the parameter's value up to its first dot is the service's name."""
    path: str = ""
    """The path at the service, if it differs from `pattern`."""
    waits: bool = False
    """`Prefer: wait=n` extends the deadline by n seconds."""
    upload: bool = False
    """The body may be a file."""


WAITS = {("POST", "/api/tickets"), ("POST", "/tickets")}
UPLOADS = {("POST", "/api/files"), ("POST", "/api/evaluation")}
LOCAL_ROUTES = {("GET", "/api/statuses")}
"""Public routes of services that the gateway answers itself, so that they work while the service is down."""

COMMON_ROUTES = (
    Route("GET", "/api/dead-letters/{service}/{id}", "{service}", path="/api/dead-letters/{id}"),
    Route("POST", "/api/dead-letters/{service}/{id}/replay", "{service}", path="/api/dead-letters/{id}/replay"),
    Route("POST", "/api/dead-letters/{service}/{id}/discard", "{service}", path="/api/dead-letters/{id}/discard"),
    Route("POST", "/api/refill/{queue}", "{queue}"),
)
"""Routes that eventbus gives to every service: a parameter says which one is meant."""


def public_routes(service: str) -> list[tuple[str, str]]:
    """Return (method, pattern) of each public route of a service."""
    routes = json.loads((folder() / "http" / f"{service}.json").read_text(encoding="utf-8"))["public"]
    return [(method, pattern) for method, _, pattern in (route.partition(" ") for route in routes)]


ROUTES = (
    *(
        Route(*route, service.name, waits=route in WAITS, upload=route in UPLOADS)
        for service in services_behind_the_gateway()
        for route in public_routes(service.name)
        if route not in LOCAL_ROUTES
    ),
    *COMMON_ROUTES,
)
