"""The allow-list: which routes the gateway forwards, and to which service. A route that isn't listed is 404.

`make docs` lists the services' public routes in `contracts/http/*.json`; the tables here say what the gateway does
differently for some of them. The gateway authenticates the caller (401), except on routes that the service's policy
opens to everybody; the services check the caller's role (403) and every field (400).
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
    public: bool = False
    """No token is needed, in any mode."""
    urgent: bool = False
    """Answered even where the gateway has too much to do: logins, and tickets that people create."""
    login: bool = False
    """The body names an account and proves its owner, so that tries are limited per account and address."""
    webhook: bool = False
    """A program calls it that proves itself to the service: by a signature in headers, or by a password."""
    sign_in: bool = False
    """A step of a sign-in by a provider: its cookie passes, and it may send the browser to the provider."""


WAITS = {("POST", "/api/tickets"), ("POST", "/tickets")}
INBOUND_MAIL = ("POST", "/webhooks/email/inbound/{provider}")
UPLOADS = {
    ("POST", "/api/files"),
    ("POST", "/api/tickets/{ticket_id}/attachments"),
    ("POST", "/api/evaluation"),
    INBOUND_MAIL,
}
WEBHOOKS = {INBOUND_MAIL, ("POST", "/webhooks/partners/{partner}")}
SIGN_IN_START = ("GET", "/api/auth/sso/{connection_id}/start")
SIGN_INS = {
    SIGN_IN_START,
    ("GET", "/api/auth/sso/{connection_id}/callback"),
    ("POST", "/api/auth/sso/exchange"),
    ("POST", "/api/auth/sso/{connection_id}/link"),
}
LOGINS = {
    SIGN_IN_START,  # one count for each sign-in, as for each login
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/password/forgot"),
    ("POST", "/api/auth/password/reset"),
    ("POST", "/api/auth/email/confirm"),
}
URGENT = LOGINS | SIGN_INS | WAITS | {("POST", "/api/auth/refresh"), ("POST", "/api/auth/logout")}
LOCAL_ROUTES = {("GET", "/api/statuses")}
"""Public routes of services that the gateway answers itself, so that they work while the service is down."""

COMMON_ROUTES = (
    Route("GET", "/api/dead-letters/{service}/{id}", "{service}", path="/api/dead-letters/{id}"),
    Route("POST", "/api/dead-letters/{service}/{id}/replay", "{service}", path="/api/dead-letters/{id}/replay"),
    Route("POST", "/api/dead-letters/{service}/{id}/discard", "{service}", path="/api/dead-letters/{id}/discard"),
    Route("POST", "/api/refill/{queue}", "{queue}"),
)
"""Routes that eventbus gives to every service: a parameter says which one is meant."""


EVERYBODY = "everybody"
"""How the contracts write the policy of a route that needs no token."""


def public_routes(service: str) -> dict[tuple[str, str], str]:
    """Return the roles of each route of a service that is not internal, by (method, pattern)."""
    routes = json.loads((folder() / "http" / f"{service}.json").read_text(encoding="utf-8"))["public"]
    return {
        (method, pattern): roles for route, roles in routes.items() for method, _, pattern in [route.partition(" ")]
    }


ROUTES = (
    *(
        Route(
            *route,
            service.name,
            waits=route in WAITS,
            upload=route in UPLOADS,
            public=roles == EVERYBODY,
            urgent=route in URGENT,
            login=route in LOGINS,
            webhook=route in WEBHOOKS,
            sign_in=route in SIGN_INS,
        )
        for service in services_behind_the_gateway()
        for route, roles in public_routes(service.name).items()
        if route not in LOCAL_ROUTES
    ),
    *COMMON_ROUTES,
)
