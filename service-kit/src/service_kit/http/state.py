"""The state of a service's Flask app: settings, database, metrics, access policies and accepted inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from service_kit.database.engine import Database
from service_kit.http.openapi import Api
from service_kit.http.strictness import Accepted
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.metrics import Metrics

Check = Callable[[], Mapping[str, Any] | None]
"""Returns details for `/ready`; raises where the checked dependency is down."""
WorkerStatus = Callable[[], Mapping[str, Any]]
"""Returns the worker's checks by name: {name: {"ok": bool, "reason": str}}."""


@dataclass(eq=False)
class AppState:
    """The state of one app, stored as `current_app.extensions["service_kit"]`."""

    settings: ServiceSettings
    database: Database | None
    metrics: Metrics
    api: Api
    dependencies: Any = None
    """The object that the service's `build` returned: `g.deps` in request handlers."""
    worker_status: WorkerStatus | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    policies: dict[str, frozenset[str]] = field(default_factory=dict)
    """The roles that may call each endpoint, by endpoint name."""
    accepted: dict[str, Accepted] = field(default_factory=dict)
    """The query fields and the body that each endpoint accepts, by endpoint name."""
    records: set[str] = field(default_factory=set)
    """The endpoints whose GET shows one record, which has an entity tag."""


def app_state() -> AppState:
    """Return the state of the current app."""
    state: AppState = current_app.extensions["service_kit"]
    return state
