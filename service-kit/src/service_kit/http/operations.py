"""Routes of every service for operators and probes: health, readiness, metrics and OpenAPI."""

import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import marshmallow
from cachetools import TTLCache, cached
from flask import Response, current_app

from service_kit.http.blueprint import Blueprint, dumps, json_response
from service_kit.http.policy import PUBLIC, public
from service_kit.http.problems import first_line
from service_kit.http.state import AppState, app_state
from service_kit.telemetry.metrics import CONTENT_TYPE

READY_CACHE_SECONDS = 1.0
MAX_APPS = 32
"""Of one process, in embedded mode; more only share no results."""
STRICT = (
    "Unknown fields are refused, in bodies and queries alike: 400 `invalid` with `errors` naming each. "
    "A query field may be given several times only where its schema is an array."
)

operations = Blueprint("operations", __name__, description="Health, metrics and this document.")


class Health(marshmallow.Schema):
    """The state of the process."""

    status = marshmallow.fields.String(required=True)
    service = marshmallow.fields.String(required=True)


class Readiness(Health):
    """The state of the service, with the result of each check."""

    status = marshmallow.fields.String(
        required=True, validate=marshmallow.validate.OneOf(["ready", "degraded", "unavailable"])
    )
    checks = marshmallow.fields.Dict(required=True)


@operations.get("/health")
@public
@operations.response(200, Health)
def health() -> Response:
    """Report that the process is alive, whatever the state of its dependencies."""
    return json_response({"status": "healthy", "service": app_state().settings.service})


@operations.get("/ready")
@public
@operations.response(200, Readiness)
@operations.alt_response(503, schema=Readiness, description="Can't work now")
def ready() -> Response:
    """Report whether the service can work, with a reason for each failed check.

    `degraded` (200) means that events are delayed, as with the bus down, or that some requests get a 503.
    """
    status, body = _readiness(app_state())
    return json_response(body, status, {"Retry-After": "2"} if status == 503 else None)


@operations.get("/metrics")
@public
@operations.response(200, {"type": "string"}, content_type="text/plain")
def metrics() -> Response:
    """Return the service's metrics in Prometheus' text format."""
    return Response(app_state().metrics.render(), content_type=CONTENT_TYPE)


@operations.get("/openapi.json")
@public
@operations.response(200, {"type": "object"})
def openapi() -> Response:
    """Return this document."""
    return Response(_encoded_document(app_state()), content_type="application/json")


@cached(WeakKeyDictionary(), key=lambda state: state)
def _encoded_document(state: AppState) -> bytes:
    return dumps(openapi_document(state))


def openapi_document(state: AppState) -> dict[str, Any]:
    """Return the OpenAPI document.

    `x-roles` lists the roles that may call an operation, `x-if-match` marks those that check `If-Match`, and `x-etag`
    those that show a record with its tag.
    """
    document: dict[str, Any] = state.api.spec.to_dict()
    document["info"]["description"] = STRICT
    for rule in current_app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            operation = document["paths"][state.api.flask_plugin.flaskpath2openapi(rule.rule)][method.lower()]
            if state.policies[rule.endpoint] is PUBLIC:
                operation["security"] = []
            else:
                operation["x-roles"] = sorted(state.policies[rule.endpoint])
            if state.accepted[rule.endpoint].if_match:
                operation["x-if-match"] = True
            if method == "GET" and rule.endpoint in state.records:
                operation["x-etag"] = True
    document["security"] = [{"internalToken": []}]
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["internalToken"] = {"type": "apiKey", "in": "header", "name": "X-Internal-Token"}
    return document


# Frequent probes cause no load: the others wait for the one that checks.
@cached(TTLCache(MAX_APPS, READY_CACHE_SECONDS), condition=threading.Condition())
def _readiness(state: AppState) -> tuple[int, dict[str, Any]]:
    """Return status and body of /ready, at most a second old."""
    checks: dict[str, Mapping[str, Any]] = {}
    if state.database is not None:
        checks["database"] = _check_result(state.database.check_role)
    # Requests need the database. A failed check of the worker only delays events, and a failed check of the service
    # affects some requests only.
    usable = all(check["ok"] for check in checks.values())
    for name, check in state.checks.items():
        checks[name] = _check_result(check)
    if state.worker_status is not None:
        checks.update(state.worker_status())
    healthy = all(check["ok"] for check in checks.values())
    if state.settings.role == "worker":
        usable = healthy
    status = "ready" if healthy else "degraded" if usable else "unavailable"
    body = {"status": status, "service": state.settings.service, "checks": checks}
    return (200 if usable else 503), body


def _check_result(check: Any) -> Mapping[str, Any]:
    try:
        return {"ok": True, **(check() or {})}
    except Exception as error:
        # Any error is the reason of a failed check; a probe must never get a 500.
        return {"ok": False, "reason": f"{type(error).__name__}: {first_line(error)}"}
