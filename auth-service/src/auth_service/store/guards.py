"""The guard's counters (`login_guards`). The table has no company: a try comes before anyone is known."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.guard import FORGET_CLOSED_AFTER, Counter, Key

_MAX_CLOSED = timedelta(days=1)
BATCH = 1000
"""The rows that one call of `remove_forgotten` deletes at most."""


def lock(session: Session, keys: Collection[Key]) -> tuple[dict[Key, Counter], datetime]:
    """Insert missing counters, lock all in one order, and return them with the database's time."""
    digests = sorted(key.digest for key in keys)
    session.execute(
        text("insert into login_guards (key) select unnest(cast(:keys as bytea[])) on conflict do nothing"),
        {"keys": digests},
    )
    found = session.execute(
        text(
            "select key, tries, pending, raised_at, closed_until from login_guards"
            " where key = any(cast(:keys as bytea[])) order by key for update"
        ),
        {"keys": digests},
    ).all()
    # After the locks: a try that waited for them is later than the one that held them.
    now: datetime = session.execute(text("select clock_timestamp()")).scalar_one()
    by_digest = {bytes(row.key): Counter(row.tries, row.pending, row.raised_at, row.closed_until) for row in found}
    return {key: by_digest[key.digest] for key in keys}, now


def store(session: Session, counters: Mapping[Key, Counter]) -> None:
    """Store locked counters."""
    for key, counter in counters.items():
        session.execute(
            text(
                "update login_guards set tries = :tries, pending = :pending, raised_at = :raised_at,"
                " closed_until = :closed_until where key = :key"
            ),
            {"key": key.digest, **vars(counter)},
        )


def remove(session: Session, keys: Collection[Key]) -> None:
    """Delete counters: their tries are forgotten."""
    session.execute(
        text("delete from login_guards where key = any(cast(:keys as bytea[]))"),
        {"keys": [key.digest for key in keys]},
    )


def remove_forgotten(session: Session) -> int:
    """Delete up to BATCH counters whose tries are forgotten; return their number."""
    limit = FORGET_CLOSED_AFTER + _MAX_CLOSED
    query = text(
        "delete from login_guards where key in (select key from login_guards"
        " where raised_at < clock_timestamp() - cast(:age as interval) limit :batch for update skip locked)"
        " returning key"
    )
    return len(session.execute(query, {"age": limit, "batch": BATCH}).all())
