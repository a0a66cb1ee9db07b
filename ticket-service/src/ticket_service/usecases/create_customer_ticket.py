"""Store a customer's ticket; an equal one returns the open ticket instead."""

from dataclasses import dataclass

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.duplicates import duplicate_key, duplicate_uuid
from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.trail import Entry
from ticket_service.store import tickets, trail
from ticket_service.usecases.request_context import RequestContext

ATTEMPTS = 10


@dataclass(frozen=True)
class CustomerTicket:
    """A ticket as the customer wrote it."""

    customer_id: str
    subject: str
    body: str


class TooBusy(Exception):
    """Duplicates of this ticket are opened and closed faster than one more can be stored."""


def create_customer_ticket(
    session: Session, sent: CustomerTicket, context: RequestContext, idempotency_key: IdempotencyKey[Ticket]
) -> tuple[Ticket, bool]:
    """Return the open ticket with this text and whether it is new; store it where there is none.

    Of several equal calls at once one stores the ticket. Raises TooBusy, and Replayed for a repeated
    Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        ticket, is_new = _find_or_store(session, sent, context)
        idempotency_key.store(session, ticket)
    return ticket, is_new


def _find_or_store(session: Session, sent: CustomerTicket, context: RequestContext) -> tuple[Ticket, bool]:
    text = (context.company_id, sent.customer_id, sent.subject, sent.body)
    key = duplicate_key(*text)
    for _ in range(ATTEMPTS):
        latest = tickets.latest_duplicate(session, context.company_id, key)
        if latest is not None and latest.status is not Status.CLOSED:
            return latest, False
        number = 0 if latest is None else latest.duplicate_number + 1
        values = {
            "company_id": context.company_id,
            "uuid": duplicate_uuid(*text, number),
            "title": sent.subject,
            "description": sent.body,
            "customer_id": sent.customer_id,
            "priority": Priority.LOW,
            "priority_given": False,
            "duplicate_key": key,
            "duplicate_number": number,
        }
        ticket = tickets.add_unless_duplicate(session, values)
        if ticket is not None:
            _announce(session, ticket, context)
            return ticket, True
        # Another request was first. The next query finds its ticket, because each statement sees what is committed.
    raise TooBusy


def _announce(session: Session, ticket: Ticket, context: RequestContext) -> None:
    payload = {"before": None, "after": ticket.initial_trail_values()}
    trail.append(
        session, [Entry(ticket.company_id, ticket.id, "created", context.actor, payload, context.cause.request_id)]
    )
    outbox.add(session, events.created(ticket, context.cause))
