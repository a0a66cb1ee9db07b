"""`ticket.*`: append them to the log, and change the counts by the difference that they make."""

from collections.abc import Sequence

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from analytics_service.consumers.ticket_events import VIEWS, TicketEventView
from analytics_service.store import log
from analytics_service.usecases.count_entries import count_entries


def apply(session: Session, deliveries: Sequence[Delivery[TicketEventView]], _deps: object) -> None:
    """Log and count a batch of all types with one order of locks and a handful of statements."""
    entries = [
        log.Entry(
            company_id=delivery.envelope.company_id,
            ticket_id=delivery.body.ticket_id,
            event_id=delivery.envelope.id,
            source=delivery.envelope.source,
            event=delivery.body.to_event(delivery.envelope.revision),
        )
        for delivery in deliveries
    ]
    log.append(session, entries)
    deleted = count_entries(session, entries)
    if deleted:
        log.delete_entries(session, deleted)


CONSUMER = Consumer(list(VIEWS), view=VIEWS, apply=apply, queue="count")
