"""The Flask app of a service, and the steps that every request of every service goes through."""

import logging
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, abort, g, request
from werkzeug.routing import IntegerConverter, PathConverter

from service_kit.database.engine import Database
from service_kit.http.blueprint import Blueprint
from service_kit.http.context import RequestGlobals, close_session, deadline_of, request_id
from service_kit.http.forms import FormRequest
from service_kit.http.idempotency import Replayed, replayed, sent_key
from service_kit.http.openapi import OPENAPI_VERSION, Api
from service_kit.http.operations import operations
from service_kit.http.policy import PUBLIC, READING, missing_scope, policies_of
from service_kit.http.precondition import tag_record
from service_kit.http.problems import Forbidden, NotFound, Unauthorized, handle_errors
from service_kit.http.state import AppState, Check, WorkerStatus
from service_kit.http.strictness import accepted, refuse_unknown
from service_kit.identity import CHALLENGE, SERVICE, BadToken, Caller, TokenVerifier
from service_kit.service_settings import ServiceSettings
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import current_cause, get_logger, service_name
from service_kit.telemetry.metrics import Metrics
from service_kit.telemetry.tracing import continue_traceparent

MAX_BODY_BYTES = 1024 * 1024
MAX_ROW_ID = 2**63 - 1

log = get_logger(__name__)
std_log = logging.getLogger(__name__)


def service_app(
    settings: ServiceSettings,
    database: Database | None,
    blueprints: Sequence[Blueprint],
    *,
    metrics: Metrics | None = None,
    worker_status: WorkerStatus | None = None,
    errors: Mapping[type[Exception], tuple[int, str]] | None = None,
    checks: Mapping[str, Check] | None = None,
    dependencies: Any = None,
) -> Flask:
    """Return the app of a service. Opens no connection.

    `errors` maps domain errors to (status, code). `/ready` reports the results of `worker_status` and `checks`; a check
    that raises makes the service `degraded`. Request handlers reach `dependencies` as `g.deps`. Raises NoPolicy where a
    route has no access policy.
    """
    # The app reads no file below the root path. Without it, Flask would search for a module of the service's name.
    app = Flask(settings.service, static_folder=None, root_path="/")
    app.request_class = FormRequest
    app.app_ctx_globals_class = RequestGlobals
    app.url_map.converters |= {"int": RowId, "path": NameInPath}
    app.url_map.merge_slashes = False  # a redirect would respond with a page of HTML
    app.config.update(
        API_TITLE=settings.service,
        API_VERSION="v1",
        OPENAPI_VERSION=OPENAPI_VERSION,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
    )
    state = AppState(
        settings=settings,
        database=database,
        metrics=metrics or Metrics(settings.service),
        api=Api(app),  # type: ignore[no-untyped-call]
        worker_status=worker_status,
        checks=dict(checks or {}),
        dependencies=dependencies,
    )
    app.extensions["service_kit"] = state
    handle_errors(app, errors or {})
    app.register_error_handler(Replayed, replayed)
    app.before_request(_begin_request(state))
    app.after_request(_end_request(state))
    app.teardown_appcontext(close_session)
    for blueprint in (operations, *blueprints):
        state.api.register_blueprint(blueprint)  # type: ignore[no-untyped-call]
    state.policies.update(policies_of(app))  # raises NoPolicy for a route without a policy
    state.accepted.update({name: accepted(view) for name, view in app.view_functions.items()})
    state.records.update(_records(app))
    return app


def _records(app: Flask) -> set[str]:
    """Return the endpoints that show one record: its address ends with its id, or takes a change with `If-Match`."""
    checked = {rule.rule for rule in app.url_map.iter_rules() if accepted(app.view_functions[rule.endpoint]).if_match}
    return {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.endswith(">") or rule.rule in checked}


def _authenticate(verifier: TokenVerifier) -> Caller:
    token = request.environ.get("HTTP_X_INTERNAL_TOKEN")
    if not token:
        raise Unauthorized("An internal token is needed.", headers={"WWW-Authenticate": CHALLENGE})
    try:
        return verifier.verify(token)
    except BadToken as error:
        log.info("token refused", reason=str(error))
        raise Unauthorized("The internal token is not valid.", headers={"WWW-Authenticate": CHALLENGE}) from error


def _begin_request(state: AppState) -> Callable[[], None]:
    service, policies, accepted_by_endpoint = state.settings.service, state.policies, state.accepted
    verifier = TokenVerifier(service, state.settings.trusted_keys)

    def begin() -> None:
        environ = request.environ
        g.started = time.perf_counter()
        trace = continue_traceparent(environ.get("HTTP_TRACEPARENT"))
        g.cause = Cause(request_id(environ.get("HTTP_X_REQUEST_ID")), trace, "person")
        current_cause.set(g.cause)
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
            g.caller = caller = _authenticate(verifier)
            if caller.role not in roles:
                raise Forbidden(f"The role {caller.role} may not do this.")
            if missing := missing_scope(caller.scopes, request.method, str(request.url_rule)):
                raise Forbidden(f"This API key lacks the scope {missing}.", code="scope_missing")
            if caller.role == SERVICE:
                g.cause = Cause(g.cause.request_id, trace, "system")
                current_cause.set(g.cause)
        elif "HTTP_X_INTERNAL_TOKEN" in environ:
            g.caller = _authenticate(verifier)
        refuse_unknown(request, accepted_by_endpoint[endpoint])
        if request.method == "POST":
            sent_key()  # a malformed key is refused whatever else the request is about

    return begin


def _end_request(state: AppState) -> Callable[[Response], Response]:
    observe, slow_seconds = state.metrics.observe_request, state.settings.slow_request_seconds

    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        headers = response.headers
        headers["X-Request-ID"] = g.cause.request_id
        headers["X-Content-Type-Options"] = "nosniff"
        if "Cache-Control" not in headers:
            headers["Cache-Control"] = "no-store"
        rule = request.url_rule
        # The label is the rule and not the path, so that rows and scanners' addresses add no label values.
        route = rule.rule if rule is not None else "unknown"
        if response.status_code == 200 and request.method in READING and request.endpoint in state.records:
            tag_record(response)
        status = response.status_code
        observe(request.method if rule is not None else "other", route, status, seconds)
        # A log line per request would cost more than all other steps here. Metrics count requests, traces follow them.
        if status >= 500 or seconds >= slow_seconds or std_log.isEnabledFor(logging.DEBUG):
            level = "warning" if status >= 500 else "info" if seconds >= slow_seconds else "debug"
            milliseconds = round(seconds * 1000, 1)
            getattr(log, level)("request", method=request.method, route=route, status=status, ms=milliseconds)
        return response

    return end


class RowId(IntegerConverter):
    """`<int:…>` in a rule: ASCII digits that fit a bigint. The rule doesn't match other text (404)."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        """Return the number."""
        if int(value) > MAX_ROW_ID:
            abort(404)  # a mismatch would be 405 where the address has several methods
        return int(value)


class NameInPath(PathConverter):
    """`<path:…>` in a rule: a name, loaded in NFC as names in bodies are."""

    def to_python(self, value: str) -> str:
        """Return the name."""
        return unicodedata.normalize("NFC", value)
