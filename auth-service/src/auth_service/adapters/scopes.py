"""The scopes that API keys can have, read from the routes of all services."""

import json
from functools import cache
from importlib import resources

from service_kit.http.policy import scope_of

from auth_service.domain.api_key import grantable


@cache
def grantable_scopes() -> frozenset[str]:
    """Return the scope of each public route of each service, but for those that no key may have."""
    routes = [
        route.split(" ", 1)
        for file in resources.files("smartticket_contracts").joinpath("http").iterdir()
        if file.name.endswith(".json")
        for route in json.loads(file.read_text(encoding="utf-8"))["public"]
    ]
    return grantable({scope for method, rule in routes if (scope := scope_of(method, rule)) is not None})
