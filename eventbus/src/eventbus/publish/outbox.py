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

_INSERT = Prepared(
    "add_events",
    """
    insert into outbox (id, company_id, subject, type, revision, body, actor_kind, request_id, traceparent, cause_id)
    select * from unnest(
        :ids, :companies, :subjects, :types, :revisions, :bodies, :actor_kinds, :request_ids, :traceparents, :cause_ids
    )
    """,
    {
        "ids": "uuid[]",
        "companies": "int[]",
        "subjects": "text[]",
        "types": "text[]",
        "revisions": "int[]",
        "bodies": "text[]",
        "actor_kinds": "text[]",
        "request_ids": "text[]",
        "traceparents": "text[]",
        "cause_ids": "text[]",
    },
)


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
    """Store several events in one statement, in order, and return their ids. Raises BadEvent.

    The statement is sent together with the transaction's next one or its commit.
    """
    if not events:
        return []
    contracts: Contracts = session.info[CONTRACTS]
    ids = [str(uuid4()) for _ in events]
    run(
        session,
        [_INSERT],
        {
            "ids": pg_array(ids),
            "companies": pg_array(event.company_id for event in events),
            "subjects": pg_text_array(event.subject for event in events),
            "types": pg_text_array(event.type for event in events),
            "revisions": pg_array(event.revision for event in events),
            "bodies": pg_text_array(_body(contracts, event, id_, {}) for event, id_ in zip(events, ids, strict=True)),
            "actor_kinds": pg_text_array(event.cause.actor_kind for event in events),
            "request_ids": pg_text_array(event.cause.request_id for event in events),
            "traceparents": pg_text_array(event.cause.traceparent for event in events),
            "cause_ids": pg_text_array(event.cause.event_id for event in events),
        },
    )
    mark_outbox_written(session)
    return ids


INSERT_TYPES = {
    "event_id": "uuid",
    "event_company_id": "int",
    "event_type": "text",
    "event_revision": "int",
    "event_body": "text",
    "event_actor_kind": "text",
    "event_request_id": "text",
    "event_traceparent": "text",
    "event_cause_id": "text",
}
"""The parameters of `insert_sql` with their SQL types."""


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
    return f"""
        insert into outbox
            (id, company_id, subject, type, revision, body, actor_kind, request_id, traceparent, cause_id)
        select :event_id::uuid, :event_company_id, {subject}, :event_type, :event_revision, {body},
               :event_actor_kind, :event_request_id, :event_traceparent, :event_cause_id
        from {source}
    """  # noqa: S608 - the use case's own SQL, no input


def insert_parameters(database: Database, event: Event, later: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the values of the parameters of `insert_sql`.

    `later` gives an example value for every body field that the statement computes, so that the whole body is
    validated against its contract now. Raises BadEvent.
    """
    event_id = str(uuid4())
    return {
        "event_id": event_id,
        "event_company_id": event.company_id,
        "event_type": event.type,
        "event_revision": event.revision,
        "event_body": _body(database.info[CONTRACTS], event, event_id, later or {}),
        "event_actor_kind": event.cause.actor_kind,
        "event_request_id": event.cause.request_id,
        "event_traceparent": event.cause.traceparent,
        "event_cause_id": event.cause.event_id,
    }


def _body(contracts: Contracts, event: Event, event_id: str, later: Mapping[str, Any]) -> str:
    body = {"event": event.type, "event_id": event_id, **event.body}
    contracts.validate(event.type, {**body, **later} if later else body)
    return orjson.dumps(body).decode()
