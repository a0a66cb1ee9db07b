"""Idempotency-Key for POSTs whose effect is outside a single transaction: streams, messages to the bus, reads.

`reserve()` commits the key before the work begins, `store` stores the response, `release` frees the key after a
failure. A process that dies in between leaves the key reserved; after `ABANDONED_SECONDS` a duplicate may take it over.
`reads` is for routes without effects: they compute the same request again; another request under the key is 422.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, current_app, g
from sqlalchemy import text
from sqlalchemy.orm import Session

from service_kit.database.engine import Database
from service_kit.http import idempotency

ABANDONED_SECONDS = 300
MAX_WAIT_SECONDS = 1.0
POLL_SECONDS = 0.05

View = TypeVar("View", bound=Callable[..., Any])

_RESERVE = text(f"""
    {idempotency.TAKE_SQL}
           or (k.status is null and k.created_at < now() - make_interval(secs => :abandoned)
               and (k.subject, k.route, k.request_hash)
                   = (excluded.subject, excluded.route, excluded.request_hash))
    returning created_at
""")
# Matched by time, so that a request that lost its key to a duplicate leaves the duplicate's row alone.
_LOCK_OWN = text("""
    select key from idempotency_keys
    where company_id = :company_id and key = :key and created_at = :created_at for update
""")
_RELEASE = text("""
    delete from idempotency_keys
    where company_id = :company_id and key = :key and created_at = :created_at and status is null
""")


class Reservation:
    """A request's reserved key. Its methods do nothing for a request without one, and use no request context."""

    def __init__(self, database: Database, row: dict[str, Any] | None) -> None:
        self._database = database
        self._row = row

    def store(self, session: Session, response: Response) -> None:
        """Store the response, in the caller's transaction."""
        if self._row is not None and session.execute(_LOCK_OWN, self._row).first() is not None:
            idempotency.store_response(session, self._row, response)

    def release(self) -> None:
        """Free the key after a failure, so that the client may repeat the request."""
        if self._row is None:
            return
        with self._database.session(self._row["company_id"]) as session, session.begin():
            session.execute(_RELEASE, self._row)


def reserve() -> Reservation:
    """Reserve the current request's Idempotency-Key, if it has one.

    Raises Replayed for a duplicate of a completed request, a 422 problem where the key was used with another request,
    and InProgress where a duplicate is in progress for longer than a second.
    """
    row, database = idempotency.row_of_request(), current_app.extensions["service_kit"].database
    if row is None:
        return Reservation(database, None)
    deadline = time.monotonic() + MAX_WAIT_SECONDS
    while True:
        with database.session(row["company_id"]) as session, session.begin():
            created_at = session.execute(_RESERVE, row | {"abandoned": ABANDONED_SECONDS}).scalar_one_or_none()
            if created_at is not None:
                return Reservation(database, {**row, "created_at": created_at})
            first = idempotency.first_request(session, row)
        if first.status is not None:
            raise idempotency.Replayed(idempotency.stored_response(first))
        if time.monotonic() > deadline:
            raise idempotency.InProgress
        time.sleep(POLL_SECONDS)


def reads(view: View) -> View:
    """Accept an Idempotency-Key on a POST without effects. Each request computes the response; none is stored.

    Another request under the same key is a 422 problem. A response that isn't stored can't outlive the data it quotes.
    `g.repeated` is set where the request is a duplicate, for a view that counts its requests.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        row = idempotency.row_of_request()
        if row is not None:
            with current_app.extensions["service_kit"].database.session(row["company_id"]) as session, session.begin():
                if session.execute(_RESERVE, row | {"abandoned": ABANDONED_SECONDS}).first() is None:
                    idempotency.first_request(session, row)
                    g.repeated = True
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]
