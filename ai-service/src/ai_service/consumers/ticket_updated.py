"""A person edited a ticket: the priority that they gave it is kept beside what was proposed."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.domain.priority.levels import Priority
from ai_service.store import given_priorities
from ai_service.store.given_priorities import PersonGave

PERSON = "person"
PRIORITY = "priority"


@dataclass(frozen=True)
class Updated:
    """What this service needs of `ticket.updated`."""

    ticket_id: int
    priority: Priority
    changed: list[str]


def gives_priority(delivery: Delivery[Updated]) -> bool:
    """Tell whether a person gave a priority; other edits, and those of machines, teach nothing."""
    return delivery.envelope.cause.actor_kind == PERSON and PRIORITY in delivery.body.changed


def apply(session: Session, deliveries: Sequence[Delivery[Updated]]) -> None:
    """Keep the priorities that people gave."""
    given_priorities.keep(
        session,
        [
            PersonGave(each.envelope.company_id, each.body.ticket_id, each.body.priority, each.envelope.revision)
            for each in deliveries
        ],
    )


HANDLER = Handler(Updated, apply, concerns=gives_priority)
