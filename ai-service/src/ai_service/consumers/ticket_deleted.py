"""`ticket.deleted`: delete all data about the ticket."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.publish import outbox
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.store import examples, predictions, shadow_predictions, usage


@dataclass(frozen=True)
class Deleted:
    """The fields of `ticket.deleted` that this service uses."""

    ticket_id: int


def apply(session: Session, deliveries: Sequence[Delivery[Deleted]], _deps: object) -> None:
    """Delete predictions and examples of the tickets; tombstones keep late events from inserting them again."""
    tickets = [(delivery.envelope.company_id, delivery.body.ticket_id) for delivery in deliveries]
    predictions.delete(session, tickets)
    shadow_predictions.delete(session, tickets)
    usage.remove_tickets(session, tickets)
    outdated = examples.delete(session, tickets)
    latest = {delivery.envelope.company_id: delivery for delivery in deliveries}
    outbox.add_all(
        session,
        [
            events.training_export_outdated(company_id, delivery.body.ticket_id, delivery.envelope.cause)
            for company_id, delivery in sorted(latest.items())
            if company_id in outdated
        ],
    )


CONSUMER = Consumer("ticket.deleted", view=Deleted, apply=apply, queue="forget")
