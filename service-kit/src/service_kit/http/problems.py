"""Errors as RFC 9457 problems, the format of every error response of every service."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, g, request
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from service_kit.telemetry.logs import get_logger

MEDIA_TYPE = "application/problem+json"
PROBLEMS = "/problems/"
"""The gateway serves a page for each code below this address."""
RETRY_SECONDS = 2

FieldErrors = Sequence[Mapping[str, str]]
log = get_logger(__name__)


class Problem(Exception):
    """An error with its response. `code` is stable, for programs; `detail` is for people.

    `errors` names invalid fields: [{"field": "metadata.color", "message": "…"}].
    """

    status = 500
    code = "internal_error"

    def __init__(
        self,
        detail: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        errors: FieldErrors = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or code or self.code)
        self.detail = detail
        self.status = status or self.status
        self.code = code or self.code
        self.errors = list(errors)
        self.headers = dict(headers or {})


class Invalid(Problem):
    """400: a part of the request is invalid; `errors` lists the fields and the reasons."""

    status, code = 400, "invalid"


class Unauthorized(Problem):
    """401: the request has no valid credentials."""

    status, code = 401, "unauthorized"


class Forbidden(Problem):
    """403: the caller's role doesn't allow the operation."""

    status, code = 403, "forbidden"


class NotFound(Problem):
    """404: the resource doesn't exist or belongs to another company."""

    status, code = 404, "not_found"


class PreconditionFailed(Problem):
    """412: the record is no longer the one that `If-Match` names, or has no tag."""

    status, code = 412, "stale_version"

    def __init__(self) -> None:
        super().__init__("It is not what If-Match names, or no longer; read it again and repeat the change.")


class Unavailable(Problem):
    """503: a dependency is down; the client may retry after `retry_after` seconds."""

    status, code = 503, "unavailable"

    def __init__(self, detail: str = "", *, retry_after: int = RETRY_SECONDS, code: str | None = None) -> None:
        super().__init__(detail, code=code, headers={"Retry-After": str(retry_after)})


def problem_response(problem: Problem) -> Response:
    """Return the response for a problem of the current request."""
    body: dict[str, Any] = {
        "type": f"{PROBLEMS}{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "request_id": getattr(getattr(g, "cause", None), "request_id", ""),
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.errors:
        body["errors"] = problem.errors
    response = Response(orjson.dumps(body), status=problem.status, headers=problem.headers, content_type=MEDIA_TYPE)
    if problem.status == 401:
        response.headers.setdefault("WWW-Authenticate", "Bearer")
    return response


def handle_errors(app: Flask, errors: Mapping[type[Exception], tuple[int, str]]) -> None:
    """Register handlers that turn every exception into a problem. `errors` maps domain errors to (status, code)."""
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_error)
    for kind, (status, code) in errors.items():
        app.register_error_handler(kind, _domain_error(status, code))
    for unavailable in (OperationalError, InterfaceError, TimeoutError):
        app.register_error_handler(unavailable, _database_down)
    app.register_error_handler(DataError, _data_refused)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Response:
    """Handle the errors of Flask and werkzeug: unknown paths, wrong methods, large bodies."""
    status = error.code or 500
    details = {
        404: "There is nothing at this address.",
        405: f"{request.method} isn't offered here.",
        413: "The body is too large.",
    }
    code = "too_large" if status == 413 else HTTPStatus(status).phrase.lower().replace(" ", "_").replace("-", "_")
    problem = Problem(
        details.get(status, ""),
        status=status,
        code=code,
        headers={name: value for name, value in error.get_headers() if name.lower() in {"allow", "retry-after"}},
    )
    return problem_response(problem)


def _domain_error(status: int, code: str) -> Any:
    def handle(error: Exception) -> Response:
        seconds = getattr(error, "retry_after_seconds", None)
        return problem_response(
            Problem(
                str(error),
                status=status,
                code=getattr(error, "code", None) or code,
                errors=getattr(error, "errors", ()),
                headers={} if seconds is None else {"Retry-After": str(seconds)},
            )
        )

    return handle


def _database_down(error: Exception) -> Response:
    """Handle a database that is down, overloaded or slow: the caller may retry."""
    log.warning("database unavailable", error=type(error).__name__, detail=first_line(error))
    return problem_response(Unavailable("The database can't be reached or is too busy."))


def _data_refused(error: Exception) -> Response:
    """Handle a value that passed validation but not the database: the caller's error, logged for the developers."""
    log.warning("database refused a value", error=type(error).__name__)
    return problem_response(Invalid("A value in the request can't be stored."))


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", route=str(request.url_rule), method=request.method, exc_info=error)
    return problem_response(Problem("Something went wrong here; the request id helps us to find it."))


def first_line(error: Exception) -> str:
    """Return the first line of an error's message; a database's further lines may repeat the statement's values."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0][:200]
