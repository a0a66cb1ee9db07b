"""Makes a service's Flask app: everything that all services do alike happens here, once per request and briefly."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

import orjson
from flask import Flask, Response, current_app, g, request
from flask.json.provider import JSONProvider
from werkzeug.routing import IntegerConverter

from service_kit.http.blueprint import Blueprint
from service_kit.http.context import (
    RequestGlobals,
    by_caller,
    cause_of,
    close_session,
    deadline_of,
)
from service_kit.http.forms import FormRequest
from service_kit.http.idempotency import Replayed, replayed
from service_kit.http.openapi import OPENAPI_VERSION, Api
from service_kit.http.policy import PUBLIC, policy_table
from service_kit.http.problems import Forbidden, NotFound, Unauthorized, handle_errors
from service_kit.http.strictness import Accepted, accepted, refuse_unknown
from service_kit.identity import BadToken, Caller, TokenVerifier
from service_kit.messaging.metrics import register_table_metrics
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.logs import current_cause, get_logger, service_name
from service_kit.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from service_kit.database.engine import Database

MAX_BODY_BYTES = 1024 * 1024
MAX_ROW_ID = 2**63 - 1

log = get_logger(__name__)
std_log = logging.getLogger(__name__)

Authenticate = Callable[[], Caller]
Check = Callable[[], Mapping[str, Any] | None]
WorkerStatus = Callable[[], Mapping[str, Any]]


@dataclass
class Kit:
    """What the app has at hand; found as `current_app.extensions["service_kit"]`."""

    settings: ServiceSettings
    database: "Database | None"
    metrics: Metrics
    api: Api
    authenticate: Authenticate
    worker_status: WorkerStatus | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    policies: dict[str, frozenset[str]] = field(default_factory=dict)
    accepted: dict[str, Accepted] = field(default_factory=dict)


def kit() -> Kit:
    """Return the current app's Kit."""
    found: Kit = current_app.extensions["service_kit"]
    return found


def service_app(
    settings: ServiceSettings,
    database: "Database | None",
    blueprints: Sequence[Blueprint],
    *,
    metrics: Metrics | None = None,
    worker_status: WorkerStatus | None = None,
    errors: Mapping[type[Exception], tuple[int, str]] | None = None,
    authenticate: Authenticate | None = None,
    checks: Mapping[str, Check] | None = None,
    max_body_bytes: int = MAX_BODY_BYTES,
) -> Flask:
    """Make the app of a service; connects to nothing.

    `errors` maps domain errors to (status, code). `worker_status` and `checks` tell `/ready` more; a check that raises
    makes the service `degraded`. `authenticate` replaces the internal token as the proof of identity (the gateway's
    door): it returns the caller of the current request or raises Unauthorized. Raises NoPolicy where a route doesn't
    say who may call it.
    """
    # Nothing is read from the root path; left to itself, Flask would look for a module of the service's name.
    app = Flask(settings.service, static_folder=None, root_path="/")
    app.json = OrjsonProvider(app)
    app.request_class = FormRequest
    app.app_ctx_globals_class = RequestGlobals
    app.url_map.converters["int"] = RowId
    app.url_map.merge_slashes = False  # a redirect would answer with a page of HTML
    app.config.update(
        API_TITLE=settings.service,
        API_VERSION="v1",
        OPENAPI_VERSION=OPENAPI_VERSION,
        MAX_CONTENT_LENGTH=max_body_bytes,
    )
    verifier = TokenVerifier(settings.service, settings.trusted_keys)
    found = Kit(
        settings=settings,
        database=database,
        metrics=metrics or Metrics(settings.service),
        api=Api(app),  # type: ignore[no-untyped-call]
        authenticate=authenticate or _by_internal_token(verifier),
        worker_status=worker_status,
        checks=dict(checks or {}),
    )
    app.extensions["service_kit"] = found
    handle_errors(app, errors or {})
    app.register_error_handler(Replayed, replayed)
    app.before_request(_begin(found))
    app.after_request(_end(found))
    app.teardown_appcontext(close_session)
    for blueprint in (*_common_views(database), *blueprints):
        found.api.register_blueprint(blueprint)  # type: ignore[no-untyped-call]
    if database is not None:
        register_table_metrics(found.metrics, database, _queues_of(settings))
    policy_table(app)  # refuses a route without a policy
    app.wsgi_app = _reading_encoded_slashes(app.wsgi_app)  # type: ignore[method-assign]
    found.policies.update({name: view.__dict__["policy"] for name, view in app.view_functions.items()})
    found.accepted.update({name: accepted(view) for name, view in app.view_functions.items()})
    return app


def _reading_encoded_slashes(wsgi_app: Any) -> Any:
    """Decode the whole path alike under every server: some leave an encoded slash as it is, others decode it."""

    def read(environ: dict[str, Any], start_response: Any) -> Any:
        raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or ""
        if raw.startswith("/") and "%2f" in raw.lower():
            environ["PATH_INFO"] = unquote_to_bytes(raw.partition("?")[0]).decode("latin-1")
        return wsgi_app(environ, start_response)

    return read


def _queues_of(settings: ServiceSettings) -> list[str]:
    from service_kit.messaging.contracts import Contracts

    return [queue.name for queue in Contracts.installed(tuple(settings.services)).queues(settings.service)]


def _common_views(database: "Database | None") -> list[Blueprint]:
    """Return the views every service has; those of its messaging only where it has a database."""
    from service_kit.http.operations import operations

    if database is None:
        return [operations]
    from service_kit.http.dead_letters import dead_letters
    from service_kit.http.trace import trace

    return [operations, dead_letters, trace]


def _by_internal_token(verifier: TokenVerifier) -> Authenticate:
    def authenticate() -> Caller:
        token = request.environ.get("HTTP_X_INTERNAL_TOKEN")
        if not token:
            raise Unauthorized("An internal token is needed.")
        try:
            return verifier.verify(token)
        except BadToken as error:
            log.info("token refused", reason=str(error))
            raise Unauthorized("The internal token is not valid.") from error

    return authenticate


def _begin(found: Kit) -> Callable[[], None]:
    service, policies, authenticate = found.settings.service, found.policies, found.authenticate
    known = found.accepted

    def begin() -> None:
        environ = request.environ
        g.started = time.perf_counter()
        g.cause = cause = cause_of(environ.get("HTTP_X_REQUEST_ID"), environ.get("HTTP_TRACEPARENT"))
        current_cause.set(cause)
        service_name.set(service)
        if request.routing_exception is not None:
            return  # 404 or 405, which Flask raises next
        if "\x00" in environ.get("PATH_INFO", ""):
            raise NotFound("There is nothing at this address.")
        if request.method == "OPTIONS":
            return
        g.deadline = deadline_of(environ.get("HTTP_X_REQUEST_DEADLINE"))
        endpoint = request.endpoint or ""
        roles = policies[endpoint]
        if roles is not PUBLIC:
            g.caller = caller = authenticate()
            if caller.role not in roles:
                raise Forbidden(f"The role {caller.role} may not do this.")
            g.cause = by_caller(cause, caller)
            current_cause.set(g.cause)
        refuse_unknown(request, known[endpoint])

    return begin


def _end(found: Kit) -> Callable[[Response], Response]:
    observe, slow_seconds = found.metrics.observe_request, found.settings.slow_request_seconds

    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        headers = response.headers
        headers["X-Request-ID"] = g.cause.request_id
        headers["X-Content-Type-Options"] = "nosniff"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        rule = request.url_rule
        # The rule, not the path: a label must not grow with the rows, or with what scanners try.
        route = rule.rule if rule is not None else "unknown"
        status = response.status_code
        observe(request.method if rule is not None else "other", route, status, seconds)
        # A line per request would cost more than all the rest here; metrics count them, traces follow them.
        if status >= 500 or seconds >= slow_seconds or std_log.isEnabledFor(logging.DEBUG):
            _tell(route, status, seconds, slow=seconds >= slow_seconds)
        return response

    return end


def _tell(route: str, status: int, seconds: float, *, slow: bool) -> None:
    level = "warning" if status >= 500 else "info" if slow else "debug"
    getattr(log, level)("request", method=request.method, route=route, status=status, ms=round(seconds * 1000, 1))


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson: quick, strict, times in UTC with Z."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return JSON as text."""
        return orjson.dumps(obj, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text; raises ValueError."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Make a JSON response (flask-smorest's `.response` comes here)."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), option=orjson.OPT_UTC_Z)
        return Response(body, content_type="application/json")


class RowId(IntegerConverter):
    """`<int:…>` in a rule: ASCII digits that fit a bigint; anything else is a path that isn't there (404)."""

    regex = r"[0-9]{1,19}"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max", MAX_ROW_ID)
        super().__init__(*args, **kwargs)
