"""Store what a customer sends; the same again is the same ticket while that one is open."""

from dataclasses import dataclass

from service_kit.http.idempotency import Once
from service_kit.messaging import outbox
from sqlalchemy.orm import Session

from ticket_service import events
from ticket_service.domain.ticket import Ticket
from ticket_service.domain.trail import Entry
from ticket_service.domain.twins import twin_key, twin_uuid
from ticket_service.domain.words import Priority, Status
from ticket_service.store import tickets, trail
from ticket_service.usecases.origin import Origin

ATTEMPTS = 10


@dataclass(frozen=True)
class CustomerTicket:
    """A ticket in the customer's words."""

    customer_id: str
    subject: str
    body: str


class TooBusy(Exception):
    """Twins of this ticket are opened and closed faster than one more can be stored."""


def create_customer_ticket(
    session: Session, sent: CustomerTicket, origin: Origin, again: Once[Ticket]
) -> tuple[Ticket, bool]:
    """Return the open ticket of this text, stored now where there was none, and whether it was.

    Of several equal calls at once one stores it. Raises TooBusy, and AnsweredBefore for a repeated Idempotency-Key.
    """
    with session.begin():
        again.claim(session)
        ticket, is_new = _find_or_store(session, sent, origin)
        again.remember(session, ticket)
    return ticket, is_new


def _find_or_store(session: Session, sent: CustomerTicket, origin: Origin) -> tuple[Ticket, bool]:
    text = (origin.company_id, sent.customer_id, sent.subject, sent.body)
    key = twin_key(*text)
    for _ in range(ATTEMPTS):
        leading = tickets.leading_twin(session, origin.company_id, key)
        if leading is not None and leading.status is not Status.CLOSED:
            return leading, False
        number = 0 if leading is None else leading.twin_number + 1
        values = {
            "company_id": origin.company_id,
            "uuid": twin_uuid(*text, number),
            "title": sent.subject,
            "description": sent.body,
            "customer_id": sent.customer_id,
            "priority": Priority.LOW,
            "priority_given": False,
            "twin_key": key,
            "twin_number": number,
        }
        ticket = tickets.add_twin(session, values)
        if ticket is not None:
            _announce(session, ticket, origin)
            return ticket, True
        # Somebody else was first. The next look sees theirs: each statement sees what is committed by then.
    raise TooBusy


def _announce(session: Session, ticket: Ticket, origin: Origin) -> None:
    payload = {"before": None, "after": ticket.opening()}
    trail.append(
        session, [Entry(ticket.company_id, ticket.id, "created", origin.actor, payload, origin.cause.request_id)]
    )
    outbox.add(session, events.created(ticket, origin.cause))
