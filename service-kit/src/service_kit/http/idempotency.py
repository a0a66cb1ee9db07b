"""Idempotency-Key: a repeated request has one effect. The effect's transaction stores the response for replay.

An endpoint creates `idempotency_key = read_idempotency_key(lambda row: answer(view(row), 201))` and passes it to its
use case. In its transaction, the use case calls `idempotency_key.claim(session)` first and
`idempotency_key.store(session, row)` last. Without the header both do nothing, and
`idempotency_key.active` is false. A 201 names the record's address in `Location`: a repeated request is 410 once that
record is gone. `service_kit.http.reservation` serves routes without such a transaction.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import unquote

import orjson
from flask import Response, current_app, g, request
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Row, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from service_kit.http.blueprint import JSON
from service_kit.http.problems import MEDIA_TYPE, Invalid, Problem, problem_response
from service_kit.http.state import app_state

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")

Result = TypeVar("Result")

# A key expires some hours after its first request; retention deletes it then.
TAKE_SQL = """
    insert into idempotency_keys as k (company_id, key, subject, route, request_hash)
    values (:company_id, :key, :subject, :route, :request_hash)
    on conflict (company_id, key) do update
        set subject = excluded.subject, route = excluded.route, request_hash = excluded.request_hash,
            status = null, response = null, headers = null, created_at = clock_timestamp()
        where k.created_at < now() - make_interval(hours => :hours)
"""
# The insert waits for a duplicate whose transaction is still open: at most a second, then the request is a conflict.
_CLAIM = text(f"set local lock_timeout = '1s'; {TAKE_SQL} returning key")
_RESET_LOCK_TIMEOUT = text("set local lock_timeout to default")
_FIRST = text("""
    select subject, route, request_hash, status, response, headers
    from idempotency_keys where company_id = :company_id and key = :key
""")
_REMEMBER = text("""
    update idempotency_keys set status = :status, response = :response, headers = :headers
    where company_id = :company_id and key = :key
""")


class Confidential(Protocol):
    """Protects what the table must not reveal: a response that holds a token, a body that holds a password."""

    def seal_text(self, text: str) -> str:
        """Return the encrypted text."""

    def unseal_text(self, text: str) -> str:
        """Return the text that was encrypted."""

    def digest(self, content: bytes) -> bytes:
        """Return a keyed digest. A plain one of a body with a password would help to guess the password."""


class Replayed(Exception):
    """A duplicate of a completed request; `response` is the stored one. Ends the use case without an effect."""

    def __init__(self, response: Response) -> None:
        super().__init__("replayed")
        self.response = response


class InProgress(Problem):
    """409: a duplicate of a request that is in progress for longer than a second."""

    status, code = 409, "in_progress"

    def __init__(self) -> None:
        super().__init__("The same request is in progress; try again.", headers={"Retry-After": "1"})


class IdempotencyKey(Generic[Result]):
    """One request's claim on its Idempotency-Key."""

    def __init__(
        self, row: dict[str, Any] | None, answer: Callable[[Result], Response], confidential: Confidential | None
    ) -> None:
        self.active = row is not None
        self._row = row
        self._answer = answer
        self._confidential = confidential

    def claim(self, session: Session) -> None:
        """Claim the key at the beginning of the effect's transaction.

        Raises Replayed for a duplicate of a completed request, a 422 problem where the key was used with another
        request, and InProgress where a duplicate is in progress for longer than a second.
        """
        if self._row is None:
            return
        try:
            claimed = session.execute(_CLAIM, self._row).first() is not None
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise InProgress from error
            raise
        if not claimed:
            raise Replayed(stored_response(first_request(session, self._row), self._confidential))
        session.execute(_RESET_LOCK_TIMEOUT)

    def store(self, session: Session, result: Result) -> None:
        """Store the response to `result`, in the effect's transaction."""
        if self._row is not None:
            store_response(session, self._row, self._answer(result), self._confidential)


def read_idempotency_key(
    answer: Callable[[Result], Response], content: bytes | None = None, confidential: Confidential | None = None
) -> IdempotencyKey[Result]:
    """Return the current request's idempotency key; `answer` makes the response from the use case's result.

    Where the body was read as a stream, `content` replaces it in the comparison of two requests. `confidential`
    protects a request and a response that hold secrets. Raises Invalid for a malformed key.
    """
    return IdempotencyKey(row_of_request(content, confidential), answer, confidential)


def sent_key() -> str | None:
    """Return the current request's Idempotency-Key, None without one; raise Invalid for a malformed one."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.match(key):
        raise Invalid(
            "The Idempotency-Key is not valid.",
            errors=[{"field": HEADER, "message": "1 to 255 visible ASCII characters."}],
        )
    return key


def row_of_request(content: bytes | None = None, confidential: Confidential | None = None) -> dict[str, Any] | None:
    """Return the row that identifies the current request under its key, None without a key.

    `content` and `confidential` are those of `read_idempotency_key`.
    """
    key = sent_key()
    if key is None:
        return None
    content = request.get_data() if content is None else content
    compared = content if confidential is None else confidential.digest(content)
    return {
        "company_id": g.caller.company_id,
        # A key belongs to its caller: others may use the same one. A key contains no blank.
        "key": f"{key} {g.caller.subject}",
        "subject": g.caller.subject,
        "hours": app_state().settings.idempotency_hours,
        "route": f"{request.method} {request.url_rule}",
        "request_hash": hashlib.sha256(request.full_path.encode() + b"\n" + compared).hexdigest(),
    }


def first_request(session: Session, row: Mapping[str, Any]) -> Row[Any]:
    """Return the row of a used key; raise a 422 problem where the key was used with another request."""
    first = session.execute(_FIRST, row).one()
    if any(getattr(first, name) != row[name] for name in ("subject", "route", "request_hash")):
        raise Problem(
            "This Idempotency-Key was used with another request.",
            status=422,
            code="idempotency_key_reused",
            errors=[{"field": HEADER, "message": "Used with another request; use a new one."}],
        )
    return first


def store_response(
    session: Session, row: Mapping[str, Any], response: Response, confidential: Confidential | None = None
) -> None:
    """Store the response under the row's key, in the caller's transaction."""
    headers = {name: value for name, value in response.headers.items() if name in {"ETag", "Location"}}
    if response.mimetype != JSON:
        headers["Content-Type"] = response.content_type
    body = response.get_data(as_text=True)
    session.execute(
        _REMEMBER,
        {
            "company_id": row["company_id"],
            "key": row["key"],
            "status": response.status_code,
            "response": body if confidential is None else confidential.seal_text(body),
            "headers": orjson.dumps(headers).decode(),
        },
    )


def stored_response(first: Row[Any], confidential: Confidential | None = None) -> Response:
    """Return the stored response."""
    body = first.response if confidential is None else confidential.unseal_text(first.response)
    headers = orjson.loads(first.headers or "{}")
    # The created object may have been deleted since; the stored response is then a problem.
    kind = headers.pop("Content-Type", JSON)
    headers["Idempotency-Replayed"] = "true"
    return Response(body, status=first.status, headers=headers, content_type=kind if first.status < 400 else MEDIA_TYPE)


def replayed(error: Replayed) -> Response:
    """Return the stored response, or a 410 problem where the created record is gone; the error handler for Replayed.

    The record is the one at `Location`, or the stored response is 410 because a deletion replaced it.
    """
    first = error.response
    if first.status_code != 410 and (first.status_code != 201 or not _is_gone(first.headers.get("Location", ""))):
        return first
    headers = {"Idempotency-Replayed": "true"}
    return problem_response(
        Problem("What the first request created was deleted since.", status=410, code="deleted", headers=headers)
    )


def _is_gone(address: str) -> bool:
    """Return whether the caller's GET of a record is 404; False for an address that the caller may not read."""
    try:
        endpoint, arguments = current_app.url_map.bind("").match(unquote(address), method="GET")
    except HTTPException:
        return False
    if g.caller.role not in app_state().policies[endpoint]:
        return False
    try:
        shown: Any = current_app.view_functions[endpoint](**arguments)
    except Exception as error:
        shown = current_app.handle_user_exception(error)
    return current_app.make_response(shown).status_code == 404
