"""The transactional outbox: a use case stores events in its transaction; the relay publishes them after the commit."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from service_kit.database.companies import mark_outbox_written
from service_kit.database.engine import Database
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from eventbus.contracts import Contracts
from eventbus.event import Event

CONTRACTS = "contracts"

TYPES = {
    "id": "uuid",
    "company_id": "int",
    "subject": "text",
    "type": "text",
    "revision": "int",
    "body": "text",
    "actor_kind": "text",
    "request_id": "text",
    "traceparent": "text",
    "cause_id": "text",
}
"""The columns that an event fills, with their SQL types."""

COLUMNS = ", ".join(TYPES)
_INSERT = Prepared(
    "add_events",
    f"insert into outbox ({COLUMNS}) select * from unnest({', '.join(f':{name}' for name in TYPES)})",  # noqa: S608
    {name: f"{sql_type}[]" for name, sql_type in TYPES.items()},
)


def connect(database: Database, contracts: Contracts, wake: Callable[[], None] | None = None) -> None:
    """Attach to a database the contracts of its events and the function that wakes the relay after a commit.

    `service.py` calls it once, before the first session. `wake` must neither block nor raise (`wakeup.wake`).
    """
    database.info[CONTRACTS] = contracts
    if wake is not None:
        database.wake = wake


def add(session: Session, event: Event) -> str:
    """Store one event and return its id; the relay publishes it after the session's commit.

    Raises BadEvent where it breaks its contract.
    """
    return add_all(session, [event])[0]


def add_all(session: Session, events: Sequence[Event]) -> list[str]:
    """Store several events in one statement, in order, and return their ids. Raises BadEvent."""
    if not events:
        return []
    rows = [row(session.info[CONTRACTS], event) for event in events]
    columns = {name: [stored[name] for stored in rows] for name in TYPES}
    values = {
        name: pg_text_array(columns[name]) if sql_type == "text" else pg_array(columns[name])
        for name, sql_type in TYPES.items()
    }
    run(session, [_INSERT], values)
    mark_outbox_written(session)
    return columns["id"]


def row(contracts: Contracts, event: Event, later: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the row of an event, for a use case whose one statement stores it. Raises BadEvent.

    `later` gives an example value for every body field that the statement computes, so that the whole body is
    validated against its contract now.
    """
    event_id = str(uuid4())
    body = {"event": event.type, "event_id": event_id, **event.body}
    contracts.validate(event.type, {**body, **(later or {})})
    return {
        "id": event_id,
        "company_id": event.company_id,
        "subject": event.subject,
        "type": event.type,
        "revision": event.revision,
        "body": orjson.dumps(body).decode(),
        "actor_kind": event.cause.actor_kind,
        "request_id": event.cause.request_id,
        "traceparent": event.cause.traceparent,
        "cause_id": event.cause.event_id,
    }
