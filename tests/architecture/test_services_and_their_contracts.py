"""Every service keeps its contracts: queues, consumed and published events, documented and public routes."""

import ast
import re
from dataclasses import fields
from typing import Any

import pytest
import smartticket_contracts
from eventbus.contracts import Contracts
from eventbus.wire import body_reader
from service_kit.http.policy import PUBLIC
from service_kit.testing.policies import policy_table

from .apps import WITH_ROUTES, app_of, document_of, subscriptions_of
from .test_events_and_their_contracts import TOPOLOGY, schema_of
from .tree import ROOT, SERVICES, parsed, source_files

CONTRACTS = Contracts.load(smartticket_contracts.folder())
CONSUMED = [
    pytest.param(service, purpose, event, id=f"{service}.{purpose}: {event}")
    for service, declared in TOPOLOGY["services"].items()
    for purpose, events in declared["queues"].items()
    for event in events
]
PUBLIC_ROUTES = {"/health", "/ready", "/metrics", "/openapi.json"}
MORE_PUBLIC_ROUTES = {
    "workflow-service": {"/webhooks/partners/<partner>"},
    "ticket-service": {"/api/statuses"},
    "notification-service": {"/api/notifications/unsubscribe", "/webhooks/email/inbound/<provider>"},
    "auth-service": {
        "/.well-known/jwks.json",
        "/api/auth/register",
        "/api/auth/login",
        "/api/auth/refresh",
        "/api/auth/logout",
        "/api/auth/password/forgot",
        "/api/auth/password/reset",
        "/api/auth/sso/<uuid:connection_id>/start",
        "/api/auth/sso/<uuid:connection_id>/callback",
        "/api/auth/sso/exchange",
        "/api/auth/email/confirm",
    },
}


def test_every_service_with_routes_is_in_the_topology() -> None:
    assert set(TOPOLOGY["services"]) == set(WITH_ROUTES)


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_the_subscriptions_are_those_of_the_topology(service: str) -> None:
    declared = TOPOLOGY["services"][service]["queues"]
    subscribed = {purpose: set(each.consumers) for purpose, each in subscriptions_of(service).items()}
    assert subscribed == {purpose: set(events) for purpose, events in declared.items()}


@pytest.mark.parametrize(("service", "purpose", "event"), CONSUMED)
def test_a_consumer_accepts_the_example_and_null_and_absence_where_the_schema_does(
    service: str, purpose: str, event: str
) -> None:
    schema = schema_of(event)
    read = body_reader(view_of(service, purpose, event))
    for example in schema["examples"]:
        read(example)
        read(example | {name: None for name, rule in schema["properties"].items() if "null" in rule.get("type", ())})
        read({name: value for name, value in example.items() if name in schema["required"]})


@pytest.mark.parametrize(("service", "purpose", "event"), CONSUMED)
def test_a_consumer_reads_only_fields_of_its_events(service: str, purpose: str, event: str) -> None:
    view = view_of(service, purpose, event)
    events = [name for name, each in subscriptions_of(service)[purpose].consumers.items() if each.view_of(name) is view]
    known = {name for each in events for name in schema_of(each)["properties"]}
    assert {field.name for field in fields(view) if field.init} <= known


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_a_service_publishes_the_events_of_the_topology(service: str) -> None:
    # A service makes its events in `events.py` and nowhere else, so that the types named there are those it publishes.
    events = ROOT / service / "src" / SERVICES[service] / "events.py"
    nodes = [(path, node) for path in source_files(service) for node in ast.walk(parsed(path))]
    makers = {path for path, node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "Event"}
    assert makers <= {events}
    constants = {node.value for path, node in nodes if path == events and isinstance(node, ast.Constant)}
    assert constants & CONTRACTS.schemas.keys() == CONTRACTS.published_by(service)


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_every_route_is_documented_and_no_other(service: str) -> None:
    paths = document_of(service)["paths"]
    documented = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    served = {(method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)) for method, rule in policy_table(app_of(service))}
    assert documented == served


@pytest.mark.parametrize("service", WITH_ROUTES)
def test_only_these_routes_are_public(service: str) -> None:
    public = {rule for (_, rule), roles in policy_table(app_of(service)).items() if roles == PUBLIC}
    assert public == PUBLIC_ROUTES | MORE_PUBLIC_ROUTES.get(service, set())


def view_of(service: str, purpose: str, event: str) -> type[Any]:
    """Return the view that a queue's consumer has of an event."""
    view: type[Any] = subscriptions_of(service)[purpose].consumers[event].view_of(event)
    return view
