"""`contracts/services.yaml` and the services agree."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from api_gateway.routes import COMMON_ROUTES, LOCAL_ROUTES, ROUTES, UPLOADS, WAITS
from api_gateway.settings import read_settings
from service_kit.service_settings import known_services
from service_kit.testing.policies import policy_table
from smartticket_contracts.services import GATEWAY, registry, services_behind_the_gateway

from scripts.http_contracts import own_routes, pattern

from .apps import WITH_ROUTES, app_of
from .tree import ROOT


def test_every_folder_of_a_service_has_a_row_and_every_row_a_folder() -> None:
    folders = {path.parents[1].name for path in ROOT.glob("*/src/app.py")}
    assert folders == set(registry())


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_services_name_port_and_schema_are_those_of_its_row(service: str) -> None:
    row, settings = registry()[service], app_of(service).extensions["service_kit"].settings
    assert (settings.service, settings.port) == (row.name, row.port)
    assert urlsplit(settings.database_url).username == f"smartticket_{row.schema}_app"


def test_the_gateways_name_and_port_are_those_of_its_row() -> None:
    settings = read_settings({"SMARTTICKET_ENV": "development"})
    assert (settings.service, settings.port) == (GATEWAY, registry()[GATEWAY].port)
    assert registry()[GATEWAY].schema == ""
    assert list(registry())[-1] == GATEWAY


@pytest.mark.parametrize("field", ["port", "schema", "package", "prefix"])
def test_no_two_services_share_what_is_theirs(field: str) -> None:
    values = [getattr(service, field) for service in registry().values()]
    assert len(set(values)) == len(values)


def test_services_trust_the_keys_of_all_services() -> None:
    assert list(known_services()) == [service.name for service in services_behind_the_gateway()]


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_the_gateway_forwards_the_public_routes_of_a_service_and_no_others(service: str) -> None:
    own = {(method, pattern(rule)) for method, rule in own_routes(app_of(service))}
    public = {(method, path) for method, path in own if not path.startswith("/internal/")}
    forwarded = {(route.method, route.pattern) for route in ROUTES if route.service == service}
    assert forwarded == public - LOCAL_ROUTES


def test_what_the_gateway_does_differently_for_a_route_names_routes_that_are_there() -> None:
    forwarded = {(route.method, route.pattern) for route in ROUTES}
    assert forwarded >= WAITS | UPLOADS
    assert not LOCAL_ROUTES & forwarded
    public: set[str] = set()
    for service in services_behind_the_gateway():
        public |= _document(service.name)["public"].keys()
    assert {f"{method} {path}" for method, path in LOCAL_ROUTES} <= public


def test_routes_that_are_not_a_services_own_are_the_same_in_every_service() -> None:
    """A view that were taken for one of service-kit would be missing at the gateway."""
    shared = []
    for service in WITH_ROUTES:
        own = set(own_routes(app_of(service)))
        shared.append({route for route in policy_table(app_of(service)) if route not in own})
    assert shared[0]
    assert all(routes == shared[0] for routes in shared)


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_service_has_the_routes_that_are_forwarded_by_a_parameter(service: str) -> None:
    app = app_of(service)
    served = {
        (method, PARAMETER.sub("{}", rule.rule)) for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }
    wanted = {(route.method, PARAMETER.sub("{}", route.path or route.pattern)) for route in COMMON_ROUTES}
    assert wanted <= served


PARAMETER = re.compile(r"<[^>]+>|\{[^}]+\}")


def _document(service: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "contracts" / "http" / f"{service}.json").read_text(encoding="utf-8"))
    return found
