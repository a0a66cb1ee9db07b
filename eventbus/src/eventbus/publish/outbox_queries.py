"""The relay's statements on the outbox: select pending events, mark published and failed ones, select for a refill."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg2.extensions import connection as PsycopgConnection  # noqa: N812
from psycopg2.extras import NamedTupleCursor
from service_kit.database.pg_arrays import pg_array, pg_text_array

MAX_ROWS = 500
MAX_BYTES = 4_000_000
"""Bounds a relay's memory where bodies are long."""
REFILL_DAYS = 7
MIN_RETRY_SECONDS = 0.25
MAX_RETRY_SECONDS = 10.0

_COLUMNS = """
    id::text, company_id, subject, type, revision, body, actor_kind, request_id, traceparent, cause_id, created_at, seq
"""

# By state, never by "seq greater than the last one": a transaction may take its number early and commit late.
# Index: outbox_unpublished.
_SELECT_PENDING = f"""
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

# Index: outbox_refill. Unpublished events reach the queue by normal publishing.
_SELECT_FOR_REFILL = f"""
    select {_COLUMNS} from outbox
    where type = any(%s::text[]) and created_at > now() - interval '{REFILL_DAYS} days'
        and published_at is not null and seq > %s
    order by seq limit {MAX_ROWS}
"""  # noqa: S608

_MARK_PUBLISHED = """
    prepare mark_published (uuid[]) as
    update outbox set published_at = clock_timestamp() where id = any($1) and published_at is null
"""

# The server keeps a plan until it analyzes the table. One made for an empty outbox would read all of a long one.
_USE_INDEXES = "set local enable_seqscan = off"

_MARK_FAILED = f"""
    update outbox o
    set attempts = o.attempts + 1, last_error = f.reason,
        available_at = clock_timestamp()
            + least({MIN_RETRY_SECONDS} * power(2, least(o.attempts, 20)), {MAX_RETRY_SECONDS}) * interval '1 second'
    from unnest(%s::uuid[], %s::text[]) as f (id, reason)
    where o.id = f.id and o.published_at is null
"""  # noqa: S608


def prepare(connection: PsycopgConnection) -> None:
    """Prepare the two statements of every turn, so that the server plans each of them once per connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SELECT_PENDING}; {_MARK_PUBLISHED}")


def select_pending(connection: PsycopgConnection) -> list[Any]:
    """Return the oldest pending events in the order in which they were stored. Needs `prepare` on this connection."""
    return _rows(connection, f"{_USE_INDEXES}; execute take_pending ({MAX_ROWS}, {MAX_BYTES})")


def select_for_refill(connection: PsycopgConnection, types: Sequence[str], after: int) -> list[Any]:
    """Return the page of published events of the last 7 days that follows sequence number `after`."""
    return _rows(connection, _SELECT_FOR_REFILL, (pg_text_array(types), after))


def mark_published(connection: PsycopgConnection, ids: Sequence[str]) -> None:
    """Mark events that the broker confirmed."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(f"{_USE_INDEXES}; execute mark_published (%s)", (pg_array(ids),))


def mark_failed(connection: PsycopgConnection, reasons: Mapping[str, str]) -> None:
    """Store by id why events failed; they become pending again after a growing delay."""
    if reasons:
        with connection.cursor() as cursor:
            cursor.execute(_MARK_FAILED, (pg_array(reasons), pg_text_array(reasons.values())))


def _rows(connection: PsycopgConnection, statement: str, parameters: Sequence[Any] = ()) -> list[Any]:
    with connection.cursor(cursor_factory=NamedTupleCursor) as cursor:
        cursor.execute(statement, parameters)  # type: ignore[no-untyped-call]
        return list(cursor.fetchall())
