"""Store a ticket."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from service_kit.database.companies import mark_outbox_written
from service_kit.database.engine import Database
from service_kit.database.statements import run
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.enums import UNREAD_CATEGORY, Priority
from ticket_service.domain.folding import search_text
from ticket_service.domain.ticket import Draft, Ticket
from ticket_service.store.creation import CREATE_TICKET, VALIDATION_PLACEHOLDERS, insert_all
from ticket_service.store.event_statement import insert_parameters
from ticket_service.usecases.request_context import RequestContext


def create_ticket(
    database: Database, draft: Draft, context: RequestContext, idempotency_key: IdempotencyKey[Ticket] | None = None
) -> Ticket:
    """Store a ticket, begin its trail and publish `ticket.created`, in one statement and one commit.

    With an Idempotency-Key the answer is stored in the same commit. Raises Replayed for a repeated key.
    """
    if idempotency_key is None or not idempotency_key.active:
        ticket, parameters = prepare(database, draft, context)
        # One round trip instead of three: BEGIN and COMMIT cost as much as the statement.
        (row,) = database.execute_and_commit(context.company_id, CREATE_TICKET, parameters, writes_outbox=True)
        return _stored(ticket, row)
    with database.session(context.company_id) as session, session.begin():
        idempotency_key.claim(session)
        ticket = insert_ticket(session, database, draft, context)
        idempotency_key.store(session, ticket)
    return ticket


def insert_ticket(session: Session, database: Database, draft: Draft, context: RequestContext) -> Ticket:
    """Store a ticket as `create_ticket` does, in the caller's transaction; `database` has the events' contracts."""
    ticket, parameters = prepare(database, draft, context)
    (row,) = run(session, [CREATE_TICKET], parameters)
    mark_outbox_written(session)
    return _stored(ticket, row)


def insert_tickets(session: Session, database: Database, drafts: Sequence[Draft], context: RequestContext) -> list[int]:
    """Store tickets as `insert_ticket` does, in one round trip; return their numbers."""
    numbers = insert_all(session, [prepare(database, draft, context)[1] for draft in drafts])
    mark_outbox_written(session)
    return numbers


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
        category=draft.category or UNREAD_CATEGORY,
        category_given=draft.category is not None,
        sub_category=draft.sub_category,
        external_ticket_id=draft.external_ticket_id,
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
        "category": ticket.category,
        "category_given": ticket.category_given,
        "sub_category": ticket.sub_category,
        "external_ticket_id": ticket.external_ticket_id,
        "priority": ticket.priority.value,
        "priority_given": ticket.priority_given,
        "metadata": None if ticket.metadata is None else orjson.dumps(ticket.metadata).decode(),
        "search_text": search_text(ticket.title, ticket.description),
        "actor": context.actor,
        "payload": orjson.dumps({"before": None, "after": ticket.initial_trail_values()}).decode(),
        **insert_parameters(database, event, VALIDATION_PLACEHOLDERS),
    }
