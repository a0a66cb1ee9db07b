"""`ticket.deleted`: delete the ticket's rows; its tombstone stops late events from proposing anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.store import proposals


@dataclass(frozen=True)
class Deleted:
    """The fields of `ticket.deleted` that this service uses."""

    ticket_id: int


def apply(session: Session, deliveries: Sequence[Delivery[Deleted]], _deps: object) -> None:
    """Delete the counters of the tickets' proposals."""
    for delivery in deliveries:
        proposals.delete(session, delivery.envelope.company_id, delivery.body.ticket_id)


CONSUMER = Consumer("ticket.deleted", view=Deleted, apply=apply, queue="forget-tickets")
