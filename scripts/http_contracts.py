"""What `make docs` writes of the services' routes: `contracts/http/<service>.json`, which the gateway reads at start.

A service's own routes are public, except for those below `/internal/`, which are for other services. The routes that
service-kit, company-kit and operations-kit give to every service are in `api_gateway/routes.py`.
"""

import json
import re
from pathlib import Path

from flask import Flask
from service_kit.http.policy import PUBLIC
from service_kit.testing.policies import policy_table
from smartticket_contracts.services import services_behind_the_gateway

from tests.architecture.apps import app_of

FOLDER = Path(__file__).resolve().parents[1] / "contracts" / "http"
INTERNAL = "/internal/"
SHARED = ("service_kit.", "company_kit.", "operations_kit.")
PARAMETER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")


def documents() -> dict[Path, str]:
    """Return the text of each file."""
    return {FOLDER / f"{each.name}.json": document(app_of(each.name)) for each in services_behind_the_gateway()}


def document(app: Flask) -> str:
    """Return a service's own routes with the roles that may call each, as JSON."""
    routes: dict[str, dict[str, str]] = {"public": {}, "internal": {}}
    policies = policy_table(app)
    for method, rule in sorted(own_routes(app), key=lambda route: (route[1], route[0])):
        kind = "internal" if rule.startswith(INTERNAL) else "public"
        roles = policies[method, rule]
        routes[kind][f"{method} {pattern(rule)}"] = "everybody" if roles == PUBLIC else ", ".join(sorted(roles))
    return json.dumps(routes, indent=2) + "\n"


def own_routes(app: Flask) -> list[tuple[str, str]]:
    """Return (method, rule) of each route that the service itself defines."""
    return [
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if not app.view_functions[rule.endpoint].__module__.startswith(SHARED)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]


def pattern(rule: str) -> str:
    """Return a rule as the gateway writes it: `/api/tickets/{ticket_id}`."""
    return PARAMETER.sub(r"{\1}", rule)
