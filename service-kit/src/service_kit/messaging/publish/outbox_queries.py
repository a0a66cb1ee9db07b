"""The outbox as the relay sees it: what waits, what is done, what is sent again."""

from collections.abc import Sequence
from typing import Any

from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from psycopg2.extras import NamedTupleCursor

from service_kit.database.pg_arrays import pg_array, pg_text_array

MAX_ROWS = 500
MAX_BYTES = 4_000_000
"""Bounds what a relay holds in memory when bodies are long."""
REFILL_DAYS = 7
MIN_RETRY_SECONDS = 0.25
MAX_RETRY_SECONDS = 10.0

_COLUMNS = """
    id::text, company_id, subject, type, revision, body, actor_kind, request_id, traceparent, cause_id, created_at, seq
"""

# By state, never "seq greater than the last seen": a number taken early may be committed late.
# Index: outbox_unpublished.
_TAKE = f"""
    prepare take_pending (int, bigint) as
    select {_COLUMNS} from (
        select *, sum(octet_length(body)) over (order by seq) - octet_length(body) as bytes_before
        from (
            select * from outbox
            where published_at is null and available_at <= clock_timestamp()
            order by seq limit $1
        ) oldest
    ) measured
    where bytes_before < $2
    order by seq
"""  # noqa: S608

# Index: outbox_refill. What is unpublished goes to the queue by the common way.
_REFILL = f"""
    select {_COLUMNS} from outbox
    where type = any(%(types)s::text[]) and created_at > now() - %(days)s * interval '1 day'
        and published_at is not null and seq > %(after)s
    order by seq limit %(rows)s
"""  # noqa: S608

_MARK = """
    prepare mark_published (uuid[]) as
    update outbox set published_at = clock_timestamp() where id = any($1) and published_at is null
"""

_FAILED = """
    update outbox o
    set attempts = o.attempts + 1, last_error = f.reason,
        available_at = clock_timestamp()
            + least(%(first)s * power(2, least(o.attempts, 20)), %(longest)s) * interval '1 second'
    from unnest(%(ids)s::uuid[], %(reasons)s::text[]) as f (id, reason)
    where o.id = f.id and o.published_at is null
"""


def prepare(connection: PsycopgConnection) -> None:
    """Have the server plan the look for work and the note of what is done once: a relay does both all the time."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE)
        cursor.execute(_MARK)


def take(connection: PsycopgConnection, done: Sequence[str] = ()) -> list[Any]:
    """Return the oldest events that wait to be published, in the order in which they were stored; after `prepare`.

    The ids in `done` are marked as published first, in the same round trip.
    """
    mark = f"execute mark_published ('{pg_array(done)}');" if done else ""
    with _rows(connection) as cursor:
        cursor.execute(f"{mark}execute take_pending ({MAX_ROWS}, {MAX_BYTES})")
        rows: list[Any] = cursor.fetchall()
        return rows


def take_for_refill(connection: PsycopgConnection, types: Sequence[str], after: int) -> list[Any]:
    """Return published events of the last days, a page behind sequence number `after`."""
    with _rows(connection) as cursor:
        cursor.execute(_REFILL, {"types": pg_text_array(types), "days": REFILL_DAYS, "after": after, "rows": MAX_ROWS})
        rows: list[Any] = cursor.fetchall()
        return rows


def mark_published(connection: PsycopgConnection, ids: Sequence[str]) -> None:
    """Note events that the broker confirmed."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute("execute mark_published (%s)", (pg_array(ids),))


def mark_failed(connection: PsycopgConnection, reasons: Sequence[tuple[str, str]]) -> None:
    """Note (id, reason) of events that did not get through; they are tried again after a growing while."""
    if reasons:
        with connection.cursor() as cursor:
            cursor.execute(
                _FAILED,
                {
                    "ids": pg_array(event_id for event_id, _ in reasons),
                    "reasons": pg_text_array(reason for _, reason in reasons),
                    "first": MIN_RETRY_SECONDS,
                    "longest": MAX_RETRY_SECONDS,
                },
            )


def _rows(connection: PsycopgConnection) -> Any:
    return connection.cursor(cursor_factory=NamedTupleCursor)
