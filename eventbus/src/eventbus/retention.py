"""Deletes expired rows and moves the broker's dead letters into the parked table."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

from eventbus.bus.port import Bus
from eventbus.retry.retry_store import RetryStore

MAX_ROWS_PER_DELETE = 1_000
MAX_DRAINED_MESSAGES = 100

GIVEN_UP = "the broker gave up: delivered too often without an acknowledgement (did it end the process?)"

_DELETE = "delete from {table} where ({key}) in (select {key} from {table} where {expired} limit :rows)"

# Index: outbox_refill.
_OLD_OUTBOX = """
    type = any(cast(:types as text[])) and created_at < now() - interval '7 days'
        and published_at < now() - interval '7 days'
"""
_OLD_INBOX = "done_at < now() - interval '14 days'"
_OLD_KEYS = "created_at < now() - :hours * interval '1 hour'"


def delete_expired_rows(database: Database, types: Iterable[str]) -> int:
    """Delete outbox, inbox and idempotency rows past their retention, in small transactions; return their number.

    `types` are the event types that this service publishes.
    """
    deleted = _delete_all(database.relay_session, "outbox", "id", _OLD_OUTBOX, types=pg_text_array(types))
    deleted += _delete_all(database.relay_session, "inbox", "queue, event_id", _OLD_INBOX)
    hours = database.info.get("idempotency_hours", 24)
    for company_id in database.companies():
        of_company = partial(database.session, company_id)
        deleted += _delete_all(of_company, "idempotency_keys", "company_id, key", _OLD_KEYS, hours=hours)
    return deleted


def drain_dead_letters(bus: Bus, retry_store: RetryStore, queues: Sequence[str]) -> int:
    """Move messages that the broker gave up on into the parked table; return their number. Raises BusDown."""
    drained = 0
    for queue in queues:
        while messages := bus.drain_dead(queue, MAX_DRAINED_MESSAGES):
            for message in messages:
                retry_store.dead_letter(queue, message, GIVEN_UP)
            # Only now: after a crash in between the broker returns them again, and the parked table deduplicates.
            bus.delete_dead(queue, messages)
            drained += len(messages)
    return drained


def _delete_all(open_session: Callable[[], Session], table: str, key: str, expired: str, **parameters: object) -> int:
    statement = text(_DELETE.format(table=table, key=key, expired=expired))
    deleted = 0
    while True:
        with open_session() as session, session.begin():
            rows: int = session.execute(statement, {"rows": MAX_ROWS_PER_DELETE, **parameters}).rowcount  # type: ignore[attr-defined]
        deleted += rows
        if rows < MAX_ROWS_PER_DELETE:
            return deleted
