"""What operators and machines ask every service: alive? ready? how much? what can it do?"""

import threading
import time
from collections.abc import Mapping
from typing import Any

import marshmallow
from flask import Response, current_app

from service_kit.http.app import Kit, kit
from service_kit.http.blueprint import Blueprint, answer, dumps
from service_kit.http.policy import PUBLIC, policy_table, public
from service_kit.telemetry.metrics import CONTENT_TYPE

READY_CACHE_SECONDS = 1.0
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Sent twice, done once: for 24 hours the first answer comes again; with another request it is 422.",
}
STRICT = (
    "Unknown fields are refused, in bodies and queries alike: 400 `invalid` with `errors` naming each. "
    "A query field may be given several times only where its schema is an array."
)

operations = Blueprint("operations", __name__, description="Health, metrics and this document.")


class Health(marshmallow.Schema):
    """Alive."""

    status = marshmallow.fields.String(required=True)
    service = marshmallow.fields.String(required=True)


class Readiness(marshmallow.Schema):
    """Whether work can be done, and if not, why."""

    status = marshmallow.fields.String(
        required=True, validate=marshmallow.validate.OneOf(["ready", "degraded", "unavailable"])
    )
    service = marshmallow.fields.String(required=True)
    checks = marshmallow.fields.Dict(required=True)


@operations.get("/health")
@public
@operations.response(200, Health)
def health() -> Response:
    """Tell that the process is alive, whatever is down around it."""
    return answer({"status": "healthy", "service": kit().settings.service})


@operations.get("/ready")
@public
@operations.response(200, Readiness)
@operations.alt_response(503, schema=Readiness, description="Can't work now")
def ready() -> Response:
    """Tell whether the service can work, with the reason where it can't.

    `degraded` (200) means that events wait, as with the bus down, or that some requests get a 503.
    """
    status, body = _readiness(kit())
    return answer(body, status, {"Retry-After": "2"} if status == 503 else None)


@operations.get("/metrics")
@public
@operations.response(200, {"type": "string"}, content_type="text/plain")
def metrics() -> Response:
    """Show the service's figures for Prometheus."""
    return Response(kit().metrics.render(), content_type=CONTENT_TYPE)


@operations.get("/openapi.json")
@public
@operations.response(200, {"type": "object"})
def openapi() -> Response:
    """Show this document."""
    app = current_app
    document = app.extensions.get("service_kit.openapi")
    if document is None:
        document = app.extensions["service_kit.openapi"] = dumps(openapi_document(kit()))
    return Response(document, content_type="application/json")


def openapi_document(found: Kit) -> dict[str, Any]:
    """Return the OpenAPI document; every operation tells in `x-roles` who may call it."""
    document: dict[str, Any] = found.api.spec.to_dict()
    document["info"]["description"] = STRICT
    policies = {
        (method.lower(), found.api.flask_plugin.flaskpath2openapi(rule)): roles
        for (method, rule), roles in policy_table(current_app).items()
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            roles = policies.get((method, path))
            if method == "post":
                operation.setdefault("parameters", []).append(KEY)
            if roles is PUBLIC:
                operation["security"] = []
            elif roles is not None:
                operation["x-roles"] = sorted(roles)
    document["security"] = [{"internalToken": []}]
    schemes = document.setdefault("components", {}).setdefault("securitySchemes", {})
    schemes["internalToken"] = {"type": "apiKey", "in": "header", "name": "X-Internal-Token"}
    return document


_ready_lock = threading.Lock()


def _readiness(found: Kit) -> tuple[int, dict[str, Any]]:
    """Return the answer of /ready, at most a second old: probes must not become load."""
    with _ready_lock:
        cached = current_app.extensions.get("service_kit.ready")
        if cached is None or time.monotonic() - cached[0] > READY_CACHE_SECONDS:
            cached = (time.monotonic(), _look(found))
            current_app.extensions["service_kit.ready"] = cached
    answered: tuple[int, dict[str, Any]] = cached[1]
    return answered


def _look(found: Kit) -> tuple[int, dict[str, Any]]:
    checks: dict[str, Mapping[str, Any]] = {}
    if found.database is not None:
        checks["database"] = _checked(lambda: _ask_database(found))
    # Requests need the database. What the worker needs only makes events wait, and without what the service itself
    # names some requests are answered.
    needed = all(check["ok"] for check in checks.values())
    for name, check in found.checks.items():
        checks[name] = _checked(check)
    if found.worker_status is not None:
        checks.update(_worker_checks(found.worker_status))
    fine = all(check["ok"] for check in checks.values())
    if found.settings.role == "worker":
        needed = fine
    status = "ready" if fine else "degraded" if needed else "unavailable"
    body = {"status": status, "service": found.settings.service, "checks": checks}
    return (200 if needed else 503), body


def _checked(check: Any) -> Mapping[str, Any]:
    try:
        return {"ok": True, **(check() or {})}
    except Exception as error:
        # Any failure means "not ready, and this is why"; a probe must never be a 500.
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        return {"ok": False, "reason": f"{type(error).__name__}: {reason}"[:300]}


def _ask_database(found: Kit) -> Mapping[str, Any]:
    assert found.database is not None
    found.database.ping()
    if not current_app.extensions.get("service_kit.role_checked"):
        found.database.check_role()
        current_app.extensions["service_kit.role_checked"] = True
    return {}


def _worker_checks(worker_status: Any) -> dict[str, Mapping[str, Any]]:
    try:
        return {
            name: check if isinstance(check, Mapping) else {"ok": bool(check)}
            for name, check in worker_status().items()
        }
    except Exception as error:
        return {"worker": {"ok": False, "reason": f"{type(error).__name__}: {error}"[:300]}}
