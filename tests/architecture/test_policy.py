"""The declared policy, the served routes and the OpenAPI documents name the same routes for the same roles.

The answers of every cell are compared in each service's `tests/integration/test_policy.py`.
"""

import re
from inspect import signature
from itertools import chain
from unittest.mock import MagicMock

import pytest
from api_gateway.headers import SIGN_IN_COOKIES
from api_gateway.routes import ROUTES
from api_gateway.service import local_endpoints
from auth_service.api.sign_on import COOKIE, SECURE_COOKIE
from service_kit.http.policy import PUBLIC
from service_kit.testing.policies import policy_table
from smartticket_contracts import policy

from .apps import WITH_ROUTES, app_of, document_of
from .tree import ROOT

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


def served(service: str) -> dict[str, frozenset[str]]:
    """Return the roles of each route of a service."""
    table = policy_table(app_of(service))
    return {method + " " + PARAMETER.sub(r"{\1}", rule): roles for (method, rule), roles in table.items()}


def test_the_policy_names_every_service_with_routes() -> None:
    assert set(policy.services()) == set(WITH_ROUTES)


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_served_route_has_a_row_and_every_row_a_route(service: str) -> None:
    protected = {route for route, roles in served(service).items() if roles is not PUBLIC}
    assert {row.route for row in policy.rows(service)} == protected
    assert served(service).keys() - protected <= policy.public_routes()


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_the_code_allows_the_roles_of_the_policy(service: str) -> None:
    roles = served(service)
    assert {row.key: row.roles() for row in policy.rows(service)} == {
        row.key: roles[row.route] for row in policy.rows(service)
    }


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_the_openapi_document_names_the_routes_of_the_policy(service: str) -> None:
    paths = document_of(service)["paths"]
    documented = {
        f"{method.upper()} {path}" for path, item in paths.items() for method in item if method != "parameters"
    }
    assert documented - policy.public_routes() == {row.route for row in policy.rows(service)}


def test_the_gateway_answers_the_routes_of_the_policy_to_these_roles() -> None:
    endpoints = local_endpoints(*(MagicMock() for _ in signature(local_endpoints).parameters))
    roles = {f"{each.method} {each.pattern}": each.roles for each in endpoints}
    assert {route for route, allowed in roles.items() if allowed is None} == policy.gateway_public_routes()
    assert {row.key: row.roles() for row in policy.gateway_rows()} == {
        route: allowed for route, allowed in roles.items() if allowed is not None
    }


def test_the_gateway_offers_every_public_route_of_the_policy_and_nothing_internal() -> None:
    offered = {f"{route.method} {route.pattern}" for route in ROUTES}
    declared = {row.route for service in policy.services() for row in policy.rows(service)}
    internal = {route for route in declared if " /internal/" in route}
    shared = {row.route for row in policy.shared_rows("")}
    assert declared - internal - shared <= offered
    assert not offered & internal


def test_the_gateway_lets_the_cookies_of_a_sign_in_pass() -> None:
    assert set(SIGN_IN_COOKIES) == {COOKIE, SECURE_COOKIE}


def test_every_public_route_is_served_by_some_service() -> None:
    assert policy.public_routes() <= set(chain.from_iterable(map(served, WITH_ROUTES)))


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_row_has_a_generated_request(service: str) -> None:
    """A row without a builder would not be compared with the service's answers."""
    folder = ROOT / service / "tests" / "integration"
    text = (folder / "test_policy.py").read_text(encoding="utf-8")
    assert "**shared_builders(" in text
    for file in [ROOT / "tests/security/shared_rows.py", *folder.glob("*_rows.py")]:
        text += file.read_text(encoding="utf-8")
    assert [row.key for row in policy.rows(service) if f'"{row.key}"' not in text] == []
