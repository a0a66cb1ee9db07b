"""The statement that creates a ticket: row, trail entry and outbox event, committed together.

It is one statement because that is one round trip and one implicit transaction; BEGIN, three inserts and COMMIT cost
twice as much under load. Benchmarks import it from here, so that they run the same statement.
"""

from eventbus.publish import outbox
from service_kit.database.statements import Prepared

VALIDATION_PLACEHOLDERS = {"ticket_id": 1, "created_at": "2026-11-20T10:30:00.123456Z"}
"""Example values for validating `ticket.created` before the insert: the database assigns number and time."""

CREATE_TICKET = Prepared(
    "create_ticket",
    f"""
    with ticket as (
        insert into tickets
            (company_id, uuid, title, description, user_name, user_email, customer_id, priority, priority_given,
             metadata,
             search_text)
        values (:company_id, :uuid, :title, :description, :user_name, :user_email, :customer_id, :priority,
                :priority_given, :metadata, :search_text)
        returning id, company_id, created_at
    ), trail as (
        insert into ticket_events (company_id, ticket_id, event_type, actor, cause, payload, request_id)
        select company_id, id, 'created', :actor, 'request', :payload, :event_request_id
        from ticket
    ), event as ({
        outbox.insert_sql(
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
        "priority": "text",
        "priority_given": "boolean",
        "metadata": "json",
        "search_text": "text",
        "actor": "text",
        "payload": "jsonb",
        **outbox.INSERT_TYPES,
    },
)
