"""Idempotency-Key: sent twice, done once. The answer is stored in the transaction of the effect, and given again.

An endpoint makes `request_key = idempotency_key(lambda row: answer(view(row), 201))` and hands it to its use case. The
use case calls `request_key.claim(session)` first and `request_key.remember(session, row)` last, inside its transaction.
Without the header both do nothing, and `request_key.active` is false. `service_kit.http.reservation` serves routes
without such a transaction.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

import orjson
from flask import Response, g, request
from psycopg2.errors import LockNotAvailable
from sqlalchemy import Row, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from service_kit.http.blueprint import JSON
from service_kit.http.problems import MEDIA_TYPE, Conflict, Invalid, Problem

HEADER = "Idempotency-Key"
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")

Result = TypeVar("Result")

# The insert waits for a twin whose transaction is still open: at most a second, then somebody else is at it.
# 24 hours after the first answer a key is as good as new.
_CLAIM = text("""
    set local lock_timeout = '1s';
    insert into idempotency_keys as k (company_id, key, subject, route, request_hash)
    values (:company_id, :key, :subject, :route, :request_hash)
    on conflict (company_id, key) do update
        set subject = excluded.subject, route = excluded.route, request_hash = excluded.request_hash,
            status = null, response = null, headers = null, created_at = clock_timestamp()
        where k.created_at < now() - interval '24 hours'
    returning key
""")
_WAIT_AS_USUAL = text("set local lock_timeout to default")
_FIRST = text("""
    select subject, route, request_hash, status, response, headers
    from idempotency_keys where company_id = :company_id and key = :key
""")
_REMEMBER = text("""
    update idempotency_keys set status = :status, response = :response, headers = :headers
    where company_id = :company_id and key = :key
""")


class Replayed(Exception):
    """The same request was answered before; `response` is that answer. Ends the use case without an effect."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


class IdempotencyKey(Generic[Result]):
    """One request's claim on its Idempotency-Key."""

    def __init__(self, key: str | None, answer: Callable[[Result], Response], content: bytes | None) -> None:
        self.active = key is not None
        self._answer = answer
        if key is not None:
            self._row = row_of(key, request.get_data() if content is None else content)

    def claim(self, session: Session) -> None:
        """Take the key, in the transaction of the effect and before it.

        Raises Replayed where it was done already, a 422 problem where the key came with another request, and
        Conflict where a twin is being worked on for longer than a second.
        """
        if not self.active:
            return
        try:
            mine = session.execute(_CLAIM, self._row).first() is not None
        except OperationalError as error:
            if isinstance(error.orig, LockNotAvailable):
                raise Conflict(
                    "The same request is being worked on; ask again.", code="in_progress", headers={"Retry-After": "1"}
                ) from error
            raise
        if not mine:
            self._answer_again(session)
        session.execute(_WAIT_AS_USUAL)

    def remember(self, session: Session, result: Result) -> None:
        """Store the answer with the effect."""
        if not self.active:
            return
        store_answer(session, self._row, self._answer(result))

    def _answer_again(self, session: Session) -> None:
        raise Replayed(stored_answer(first_request(session, self._row)))


def idempotency_key(answer: Callable[[Result], Response], content: bytes | None = None) -> IdempotencyKey[Result]:
    """Return the current request's claim; `answer` formats what the use case returns. Raises Invalid for a bad key.

    `content` stands for the body where that was read as a stream: what two equal requests have in common.
    """
    return IdempotencyKey(sent_key(), answer, content)


def sent_key() -> str | None:
    """Return the current request's Idempotency-Key, None without one; raise Invalid for a bad one."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.match(key):
        raise Invalid(
            "The Idempotency-Key is not valid.",
            errors=[{"field": HEADER, "message": "1 to 255 visible ASCII characters."}],
        )
    return key


def row_of(key: str, content: bytes) -> dict[str, Any]:
    """Return what is stored of the current request under its key."""
    return {
        "company_id": g.caller.company_id,
        "key": key,
        "subject": g.caller.subject,
        "route": f"{request.method} {request.url_rule}",
        "request_hash": hashlib.sha256(request.full_path.encode() + b"\n" + content).hexdigest(),
    }


def first_request(session: Session, row: Mapping[str, Any]) -> Row[Any]:
    """Return what is stored under a key used before; raise a 422 problem where it came with another request."""
    first = session.execute(_FIRST, row).one()
    if any(getattr(first, name) != row[name] for name in ("subject", "route", "request_hash")):
        raise Problem(
            "This Idempotency-Key was used with another request.",
            status=422,
            code="idempotency_key_reused",
            errors=[{"field": HEADER, "message": "Used with another request; take a new one."}],
        )
    return first


def store_answer(session: Session, row: Mapping[str, Any], response: Response) -> None:
    """Store the first answer under a key, in the caller's transaction."""
    headers = {name: value for name, value in response.headers.items() if name in {"ETag", "Location"}}
    if response.mimetype != JSON:
        headers["Content-Type"] = response.content_type
    session.execute(
        _REMEMBER,
        {
            "company_id": row["company_id"],
            "key": row["key"],
            "status": response.status_code,
            "response": response.get_data(as_text=True),
            "headers": orjson.dumps(headers).decode(),
        },
    )


def stored_answer(first: Row[Any]) -> Response:
    """Return the first answer again."""
    headers = orjson.loads(first.headers or "{}")
    # What was made may have been deleted since: then the stored answer is a problem.
    kind = headers.pop("Content-Type", JSON)
    response = Response(first.response, status=first.status, content_type=kind if first.status < 400 else MEDIA_TYPE)
    response.headers.extend(headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def replayed(error: Replayed) -> Response:
    """Give the first answer again (the app's handler of Replayed)."""
    return error.response
