"""Idempotency-Key where no single transaction holds the effect of a POST: streams, requests to the bus, reading.

`reserve()` commits the key before the work begins, `remember` stores the answer, `release` frees the key after a
failure. A process that dies in between leaves the key reserved: after `ABANDONED_SECONDS` a twin takes it over. `reads`
is for routes that change nothing: the same request is computed again, another request under the same key is 422.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, current_app, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from service_kit.http.idempotency import Replayed, first_request, row_of, sent_key, store_answer, stored_answer
from service_kit.http.problems import Conflict

if TYPE_CHECKING:
    from service_kit.database.engine import Database

ABANDONED_SECONDS = 300
WAIT_SECONDS = 1.0
LOOK_SECONDS = 0.05

View = TypeVar("View", bound=Callable[..., Any])

_RESERVE = text("""
    insert into idempotency_keys as k (company_id, key, subject, route, request_hash)
    values (:company_id, :key, :subject, :route, :request_hash)
    on conflict (company_id, key) do update
        set subject = excluded.subject, route = excluded.route, request_hash = excluded.request_hash,
            status = null, response = null, headers = null, created_at = clock_timestamp()
        where k.created_at < now() - interval '24 hours'
           or (k.status is null and k.created_at < now() - make_interval(secs => :abandoned)
               and (k.subject, k.route, k.request_hash)
                   = (excluded.subject, excluded.route, excluded.request_hash))
    returning created_at
""")
# By its time: a request that lost its key to a twin does not touch the twin's.
_MINE = text("""
    select key from idempotency_keys
    where company_id = :company_id and key = :key and created_at = :created_at for update
""")
_RELEASE = text("""
    delete from idempotency_keys
    where company_id = :company_id and key = :key and created_at = :created_at and status is null
""")


class Reservation:
    """One request's reserved key; does nothing where the request has none. Needs no request's context."""

    def __init__(self, database: "Database", row: dict[str, Any] | None) -> None:
        self._database = database
        self._row = row

    def remember(self, session: Session, response: Response) -> None:
        """Store the answer, in the caller's transaction."""
        if self._row is not None and session.execute(_MINE, self._row).first() is not None:
            store_answer(session, self._row, response)

    def release(self) -> None:
        """Free the key: the request failed and may be sent again."""
        if self._row is None:
            return
        with self._database.session(self._row["company_id"]) as session, session.begin():
            session.execute(_RELEASE, self._row)


def reserve() -> Reservation:
    """Reserve the current request's Idempotency-Key, if it has one.

    Raises Replayed where the request was answered already, a 422 problem where the key came with another request,
    and Conflict where a twin is being worked on for longer than a second.
    """
    key, database = sent_key(), _database()
    if key is None:
        return Reservation(database, None)
    row = row_of(key, request.get_data())
    ends = time.monotonic() + WAIT_SECONDS
    while True:
        with database.session(row["company_id"]) as session, session.begin():
            mine = session.execute(_RESERVE, row | {"abandoned": ABANDONED_SECONDS}).scalar_one_or_none()
            if mine is not None:
                return Reservation(database, {**row, "created_at": mine})
            first = first_request(session, row)
        if first.status is not None:
            raise Replayed(stored_answer(first))
        if time.monotonic() > ends:
            raise Conflict(
                "The same request is being worked on; ask again.", code="in_progress", headers={"Retry-After": "1"}
            )
        time.sleep(LOOK_SECONDS)


def reads(view: View) -> View:
    """Accept an Idempotency-Key on a POST that changes nothing: its answer may be computed again, and is not stored.

    Another request under the same key is a 422 problem. An answer that is not stored cannot outlive what it quotes.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        key = sent_key()
        if key is not None:
            row = row_of(key, request.get_data())
            with _database().session(row["company_id"]) as session, session.begin():
                if session.execute(_RESERVE, row | {"abandoned": ABANDONED_SECONDS}).first() is None:
                    first_request(session, row)
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]


def _database() -> "Database":
    found: Database = current_app.extensions["service_kit"].database
    return found
