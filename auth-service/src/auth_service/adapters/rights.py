"""The rights of each role in the whole system, from the contracts of all services."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import orjson
from service_kit.http.policy import scope_of
from service_kit.identity import ADMIN, ROLES
from service_kit.identity.access_tokens import ROLES_OF_PEOPLE

EVERYBODY = "everybody"
COMMON = ("audit:read", "dead-letters:read", "dead-letters:write", "refill:write")
"""The rights of admins on the routes that every service has; the contracts list a service's own routes only."""
LIVE = ("changes:read", "ws-tickets:write", "ws:read")
"""The rights of people on the gateway's routes for real time."""


def rights_of_roles(contracts: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the rights of each role, such as `tickets:read`, sorted.

    `contracts` is the folder of the contracts; `http/<service>.json` lists each route with the roles that may call it.
    """
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((contracts / "http").glob("*.json")):
        for route, allowed in orjson.loads(path.read_bytes())["public"].items():
            method, _, rule = route.partition(" ")
            scope = scope_of(method, rule)
            if scope is not None and allowed != EVERYBODY:
                for role in allowed.split(", "):
                    found[role].add(scope)
    found[ADMIN].update(COMMON)
    for role in ROLES_OF_PEOPLE:
        found[role].update(LIVE)
    return {role: tuple(sorted(found[role])) for role in ROLES}
