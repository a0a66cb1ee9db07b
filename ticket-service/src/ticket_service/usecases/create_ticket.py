"""Store a ticket."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from eventbus.publish import outbox
from service_kit.database.companies import mark_outbox_written
from service_kit.database.engine import Database
from service_kit.database.statements import run
from service_kit.http.idempotency import IdempotencyKey

from ticket_service import events
from ticket_service.domain.enums import Priority
from ticket_service.domain.folding import search_text
from ticket_service.domain.ticket import Draft, Ticket
from ticket_service.store.creation import CREATE_TICKET, VALIDATION_PLACEHOLDERS
from ticket_service.usecases.request_context import RequestContext


def create_ticket(
    database: Database, draft: Draft, context: RequestContext, idempotency_key: IdempotencyKey[Ticket] | None = None
) -> Ticket:
    """Store a ticket, begin its trail and publish `ticket.created`, in one statement and one commit.

    With an Idempotency-Key the answer is stored in the same commit. Raises Replayed for a repeated key.
    """
    ticket, parameters = prepare(database, draft, context)
    if idempotency_key is None or not idempotency_key.active:
        # One round trip instead of three: BEGIN and COMMIT cost as much as the statement.
        (row,) = database.execute_and_commit(context.company_id, CREATE_TICKET, parameters, writes_outbox=True)
        return _stored(ticket, row)
    with database.session(context.company_id) as session, session.begin():
        idempotency_key.claim(session)
        (row,) = run(session, [CREATE_TICKET], parameters)
        ticket = _stored(ticket, row)
        mark_outbox_written(session)
        idempotency_key.store(session, ticket)
    return ticket


def _stored(ticket: Ticket, row: Any) -> Ticket:
    """Return the ticket with the number and time that the database gave it."""
    return replace(ticket, id=row.id, created_at=row.created_at, updated_at=row.created_at)


def prepare(database: Database, draft: Draft, context: RequestContext) -> tuple[Ticket, Mapping[str, Any]]:
    """Return the ticket without number and time, and the parameters of CREATE_TICKET."""
    now = datetime.now(UTC)
    ticket = Ticket(
        id=0,
        uuid=uuid4(),
        company_id=context.company_id,
        title=draft.title,
        description=draft.description,
        user_name=draft.user_name,
        user_email=draft.user_email,
        customer_id=draft.customer_id,
        priority=draft.priority or Priority.LOW,
        priority_given=draft.priority is not None,
        metadata=draft.metadata,
        created_at=now,
        updated_at=now,
    )
    event = events.created_before_insert(ticket, context.cause)
    return ticket, {
        "company_id": context.company_id,
        "uuid": str(ticket.uuid),
        "title": ticket.title,
        "description": ticket.description,
        "user_name": ticket.user_name,
        "user_email": ticket.user_email,
        "customer_id": ticket.customer_id,
        "priority": ticket.priority.value,
        "priority_given": ticket.priority_given,
        "metadata": None if ticket.metadata is None else orjson.dumps(ticket.metadata).decode(),
        "search_text": search_text(ticket.title, ticket.description),
        "actor": context.actor,
        "payload": orjson.dumps({"before": None, "after": ticket.initial_trail_values()}).decode(),
        **outbox.insert_parameters(database, event, VALIDATION_PLACEHOLDERS),
    }
