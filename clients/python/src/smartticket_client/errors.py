"""The exceptions of this client: one per kind of problem that the server answers, and one for no answer."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import requests


class FieldError(TypedDict):
    """An invalid field of a request."""

    field: str
    message: str


class SmartTicketError(Exception):
    """The base of all exceptions of this client."""


class NoAnswer(SmartTicketError):
    """The server can't be reached, didn't answer in time, or isn't a Smart Ticket."""


class Problem(SmartTicketError):
    """An error that the server answered (RFC 9457).

    `code` is stable and meant for programs, `detail` for people; `errors` names invalid fields.
    """

    def __init__(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        self.code = str(body.get("code", ""))
        self.title = str(body.get("title", ""))
        self.detail = str(body.get("detail", ""))
        self.errors: Sequence[FieldError] = list(body.get("errors", ()))
        self.request_id = str(body.get("request_id", "") or headers.get("X-Request-ID", ""))
        self.body = body
        self.retry_after = retry_after(headers)
        fields = "; ".join(f"{error['field']}: {error['message']}" for error in self.errors)
        text = self.detail or self.title
        super().__init__(f"{status} {self.code}: {text}{f' ({fields})' if fields else ''}")


class Invalid(Problem):
    """400, 413, 415 or 422: the request can't be accepted as it is."""


class Unauthorized(Problem):
    """401: the credentials are missing, wrong or used up."""


class Forbidden(Problem):
    """403: the caller may not do this."""


class NotFound(Problem):
    """404 or 410: it doesn't exist, was deleted, or belongs to another company."""


class Conflict(Problem):
    """409: the current state doesn't allow it."""


class Stale(Problem):
    """412: it was changed since the version that was sent as `if_version`."""


class TooManyRequests(Problem):
    """429: a limit was reached; `retry_after` says for how many seconds."""


class ServerProblem(Problem):
    """5xx: the server, or one that it needs, is down or slow."""


KINDS: Mapping[int, type[Problem]] = {
    400: Invalid, 401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict, 410: NotFound, 412: Stale,
    413: Invalid, 415: Invalid, 422: Invalid, 429: TooManyRequests,
}  # fmt: skip


def problem_of(response: requests.Response) -> Problem:
    """Return the exception for an error response; one without a problem's body has the code ''."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    kind = KINDS.get(response.status_code, ServerProblem if response.status_code >= 500 else Problem)
    return kind(response.status_code, body if isinstance(body, dict) else {}, response.headers)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a `Retry-After` header, None without one; Smart Ticket sends no dates."""
    value = headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None
