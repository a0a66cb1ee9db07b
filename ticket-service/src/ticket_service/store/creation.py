"""The statement that creates a ticket: row, trail entry and outbox event, committed together.

It is one statement because that is one round trip and one implicit transaction; BEGIN, three inserts and COMMIT cost
twice as much under load. Benchmarks import it from here, so that they run the same statement.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from service_kit.database.pg_arrays import pg_array
from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from ticket_service.store.event_statement import INSERT_TYPES, insert_sql

VALIDATION_PLACEHOLDERS = {"ticket_id": 1, "created_at": "2026-11-20T10:30:00.123456Z"}
"""Example values for validating `ticket.created` before the insert: the database assigns number and time."""

CREATE_TICKET = Prepared(
    "create_ticket",
    f"""
    with ticket as (
        insert into tickets
            (company_id, uuid, title, description, user_name, user_email, customer_id, category, category_given,
             sub_category, priority, priority_given, external_ticket_id, metadata, search_text)
        values (:company_id, :uuid, :title, :description, :user_name, :user_email, :customer_id, :category,
                :category_given, :sub_category, :priority, :priority_given, :external_ticket_id, :metadata,
                :search_text)
        returning id, company_id, created_at
    ), trail as (
        insert into ticket_events (company_id, ticket_id, event_type, actor, cause, payload, request_id)
        select company_id, id, 'created', :actor, 'request', :payload, :event_request_id
        from ticket
    ), event as ({
        insert_sql(
            "ticket",
            subject="ticket.id::text",
            fields={
                "ticket_id": "ticket.id",
                "created_at": '''to_char(ticket.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')''',
            },
        )
    })
    select id, created_at from ticket
    """,  # noqa: S608 - nothing in it comes from outside
    {
        "company_id": "int",
        "uuid": "uuid",
        "title": "text",
        "description": "text",
        "user_name": "text",
        "user_email": "text",
        "customer_id": "text",
        "category": "text",
        "category_given": "boolean",
        "sub_category": "text",
        "priority": "text",
        "priority_given": "boolean",
        "external_ticket_id": "text",
        "metadata": "json",
        "search_text": "text",
        "actor": "text",
        "payload": "jsonb",
        **INSERT_TYPES,
    },
)

_NUMBERS = Prepared(
    "numbers_of_tickets",
    "select id, uuid::text as uuid from tickets where company_id = :company_id and uuid = any(:uuids)",
    {"company_id": "int", "uuids": "uuid[]"},
)


def insert_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Run CREATE_TICKET for the parameters of each ticket, all in one round trip; return the tickets' numbers.

    Index: tickets_uuid.
    """
    values = {f"{name}_{place}": value for place, row in enumerate(rows) for name, value in row.items()}
    values |= {"company_id": rows[0]["company_id"], "uuids": pg_array(row["uuid"] for row in rows)}
    created = run(session, [*map(_at, range(len(rows))), _NUMBERS], values)
    numbers = {row.uuid: row.id for row in created}
    return [numbers[row["uuid"]] for row in rows]


@cache
def _at(place: int) -> Prepared:
    """Return CREATE_TICKET with parameters whose names end in a place, as one of several in a string."""
    statement = copy.copy(CREATE_TICKET)
    statement.call = re.sub(r"%\((\w+)\)s", rf"%(\g<1>_{place})s", statement.call)
    return statement
