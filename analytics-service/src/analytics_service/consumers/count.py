"""Everything that happens to tickets: logged, and counted by the difference it makes."""

from collections.abc import Sequence
from typing import Protocol

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from analytics_service.domain.state import Fact
from analytics_service.store import log
from analytics_service.usecases.count_entries import count_entries


class TicketEvent(Protocol):
    """An event about a ticket that means something for the figures."""

    @property
    def ticket_id(self) -> int:
        """Return the ticket it is about."""

    def fact(self, revision: int) -> Fact:
        """Return what it means for the figures."""


def apply(session: Session, deliveries: Sequence[Delivery[TicketEvent]]) -> None:
    """Log and count a batch of all kinds: one order of locks, a handful of statements."""
    entries = [
        log.Entry(
            company_id=delivery.envelope.company_id,
            ticket_id=delivery.body.ticket_id,
            event_id=delivery.envelope.id,
            source=delivery.envelope.source,
            fact=delivery.body.fact(delivery.envelope.revision),
        )
        for delivery in deliveries
    ]
    log.append(session, entries)
    gone = count_entries(session, entries)
    if gone:
        log.forget(session, gone)
