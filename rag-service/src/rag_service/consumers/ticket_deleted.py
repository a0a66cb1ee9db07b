"""`ticket.deleted`: forget what is kept of a ticket; its tombstone keeps late events from proposing anything."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service.store import proposals


@dataclass(frozen=True)
class Deleted:
    """What this service needs of `ticket.deleted`."""

    ticket_id: int


def apply(session: Session, deliveries: Sequence[Delivery[Deleted]]) -> None:
    """Delete how often something was proposed."""
    for delivery in deliveries:
        proposals.forget(session, delivery.envelope.company_id, delivery.body.ticket_id)


HANDLER = Handler(Deleted, apply)
