"""Store a ticket."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from service_kit.database.companies import mark_announced
from service_kit.database.engine import Database
from service_kit.database.statements import run
from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.folding import search_text
from ticket_service.domain.ticket import Draft, Ticket
from ticket_service.domain.words import Priority
from ticket_service.store.creation import CREATE_TICKET, STATED_LATER
from ticket_service.usecases.origin import Origin


def create_ticket(database: Database, draft: Draft, origin: Origin) -> Ticket:
    """Store a ticket, begin its trail and announce it: one statement, one commit."""
    ticket, parameters = prepare(database, draft, origin)
    (row,) = database.execute_and_commit(origin.company_id, CREATE_TICKET, parameters, announces=True)
    return replace(ticket, id=row.id, created_at=row.created_at, updated_at=row.created_at)


def create_ticket_once(
    session: Session, database: Database, draft: Draft, origin: Origin, again: Once[Ticket]
) -> Ticket:
    """Do the same for a request with an Idempotency-Key; its answer is kept in the same commit.

    Raises AnsweredBefore where it was done already.
    """
    ticket, parameters = prepare(database, draft, origin)
    with session.begin():
        again.claim(session)
        (row,) = run(session, [CREATE_TICKET], parameters)
        ticket = replace(ticket, id=row.id, created_at=row.created_at, updated_at=row.created_at)
        mark_announced(session)
        again.remember(session, ticket)
    return ticket


def prepare(database: Database, draft: Draft, origin: Origin) -> tuple[Ticket, Mapping[str, Any]]:
    """Make the ticket, but for its number and time, and the statement's parameters."""
    now = datetime.now(UTC)
    ticket = Ticket(
        id=0,
        uuid=uuid4(),
        company_id=origin.company_id,
        title=draft.title,
        description=draft.description,
        user_name=draft.user_name,
        user_email=draft.user_email,
        priority=draft.priority or Priority.LOW,
        priority_given=draft.priority is not None,
        metadata=draft.metadata,
        created_at=now,
        updated_at=now,
    )
    return ticket, {
        "company_id": origin.company_id,
        "uuid": str(ticket.uuid),
        "title": ticket.title,
        "description": ticket.description,
        "user_name": ticket.user_name,
        "user_email": ticket.user_email,
        "priority": ticket.priority.value,
        "priority_given": ticket.priority_given,
        "metadata": None if ticket.metadata is None else orjson.dumps(ticket.metadata).decode(),
        "search_text": search_text(ticket.title, ticket.description),
        "actor": origin.actor,
        "payload": orjson.dumps({"before": None, "after": ticket.opening()}).decode(),
        **outbox.insert_parameters(database, events.to_be_created(ticket, origin.cause), STATED_LATER),
    }
