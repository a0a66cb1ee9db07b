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

_TYPES = {
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

_COLUMNS = ", ".join(_TYPES)
_INSERT = Prepared(
    "add_events",
    f"insert into outbox ({_COLUMNS}) select * from unnest({', '.join(f':{name}' for name in _TYPES)})",  # noqa: S608
    {name: f"{sql_type}[]" for name, sql_type in _TYPES.items()},
)

INSERT_TYPES = {f"event_{name}": sql_type for name, sql_type in _TYPES.items() if name != "subject"}
"""The parameters of `insert_sql` with their SQL types."""


def connect(database: Database, contracts: Contracts, wake: Callable[[], None] | None = None) -> None:
    """Attach to a database the contracts of its events and the function that wakes the relay after a commit.

    `service.py` calls it once, before the first session. `wake` must neither block nor raise (`Waker.wake`).
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
    rows = [_row(session.info[CONTRACTS], event, {}) for event in events]
    columns = {name: [row[name] for row in rows] for name in _TYPES}
    values = {
        name: pg_text_array(columns[name]) if sql_type == "text" else pg_array(columns[name])
        for name, sql_type in _TYPES.items()
    }
    run(session, [_INSERT], values)
    mark_outbox_written(session)
    return columns["id"]


def insert_sql(source: str, *, subject: str, fields: Mapping[str, str] | None = None) -> str:
    """Return the INSERT for a use case that is one prepared statement: one event per row of the CTE `source`.

    `subject` is a SQL expression for the subject. `fields` maps body fields whose values the statement computes to SQL
    expressions, such as `{"thing_id": "thing.id"}`. `insert_parameters` gives all other values. Use the result with
    `execute_and_commit(…, writes_outbox=True)`.
    """
    head = " || ".join(
        f"""'{"," if index else "{"}"{name}":' || to_json({expression})::text"""
        for index, (name, expression) in enumerate((fields or {}).items())
    )
    body = f"{head} || ',' || substr(:event_body, 2)" if head else ":event_body"
    computed = {"subject": subject, "body": body}
    values = ", ".join(computed.get(name, f":event_{name}") for name in _TYPES)
    return f"insert into outbox ({_COLUMNS}) select {values} from {source}"  # noqa: S608 - the use case's own SQL


def insert_parameters(database: Database, event: Event, later: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the values of the parameters of `insert_sql`.

    `later` gives an example value for every body field that the statement computes, so that the whole body is
    validated against its contract now. Raises BadEvent.
    """
    row = _row(database.info[CONTRACTS], event, later or {})
    return {f"event_{name}": value for name, value in row.items() if name != "subject"}


def _row(contracts: Contracts, event: Event, later: Mapping[str, Any]) -> dict[str, Any]:
    event_id = str(uuid4())
    body = {"event": event.type, "event_id": event_id, **event.body}
    contracts.validate(event.type, {**body, **later} if later else body)
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
