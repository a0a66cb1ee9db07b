"""What must not grow for ever, and what the broker gave up on."""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_text_array
from service_kit.messaging.bus.port import Bus
from service_kit.messaging.retry.retry_store import RetryStore

ROWS_AT_ONCE = 1_000
DEAD_AT_ONCE = 100

GIVEN_UP = "the broker gave up: handed out again and again, and never answered (did it end the process?)"

# Index: outbox_refill.
_OLD_OUTBOX = """
    delete from outbox where id in (
        select id from outbox
        where type = any(cast(:types as text[])) and created_at < now() - interval '7 days'
            and published_at < now() - interval '7 days'
        limit :rows
    )
"""
_OLD_INBOX = """
    delete from inbox where (queue, event_id) in (
        select queue, event_id from inbox where done_at < now() - interval '14 days' limit :rows
    )
"""
_OLD_KEYS = """
    delete from idempotency_keys where (company_id, key) in (
        select company_id, key from idempotency_keys where created_at < now() - interval '24 hours' limit :rows
    )
"""


def delete_expired_rows(database: Database, types: Iterable[str]) -> int:
    """Remove what is older than anybody asks for, in small transactions; return how many rows.

    `types` are the event types this service publishes.
    """
    removed = _until_none(database.relay_session, _OLD_OUTBOX, types=pg_text_array(types))
    removed += _until_none(database.relay_session, _OLD_INBOX)
    for company in database.companies():
        removed += _until_none(lambda company=company: database.session(company), _OLD_KEYS)  # type: ignore[misc]
    return removed


def drain_dead_letters(bus: Bus, parking: RetryStore, queues: Sequence[str]) -> int:
    """Take what the broker gave up on into the parked table; return how many messages. Raises BusDown."""
    drained = 0
    for queue in queues:
        while messages := bus.drain_dead(queue, DEAD_AT_ONCE):
            for message in messages:
                parking.dead_letter(queue, message, GIVEN_UP)
            # Only now: a crash in between brings them again, and the parked table knows them.
            bus.forget_dead(queue, messages)
            drained += len(messages)
    return drained


def _until_none(open_session: Callable[[], Session], statement: str, **parameters: str) -> int:
    removed = 0
    while True:
        with open_session() as session, session.begin():
            rows: int = session.execute(text(statement), {"rows": ROWS_AT_ONCE, **parameters}).rowcount  # type: ignore[attr-defined]
        removed += rows
        if rows < ROWS_AT_ONCE:
            return removed
