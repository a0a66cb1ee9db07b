"""A deleted ticket is forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging import outbox
from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service import events
from ai_service.store import examples, predictions, shadow, usage


@dataclass(frozen=True)
class Deleted:
    """What this service needs of `ticket.deleted`."""

    ticket_id: int


def apply(session: Session, deliveries: Sequence[Delivery[Deleted]]) -> None:
    """Delete what was said and learnt about the tickets; their tombstones keep late events from saying it again."""
    tickets = [(delivery.envelope.company_id, delivery.body.ticket_id) for delivery in deliveries]
    predictions.forget(session, tickets)
    shadow.forget(session, tickets)
    usage.forget(session, tickets)
    outdated = examples.forget(session, tickets)
    last = {delivery.envelope.company_id: delivery for delivery in deliveries}
    outbox.add_all(
        session,
        [
            events.training_export_outdated(company, last[company].body.ticket_id, last[company].envelope.cause)
            for company in sorted(outdated)
        ],
    )


HANDLER = Handler(Deleted, apply)
