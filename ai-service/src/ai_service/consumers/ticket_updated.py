"""`ticket.updated`: store the priority that a person set, to compare it with the proposed one."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.domain.priority.levels import Priority
from ai_service.store import manual_priorities
from ai_service.store.manual_priorities import ManualPriority

PERSON = "person"
PRIORITY = "priority"


@dataclass(frozen=True)
class Updated:
    """The fields of `ticket.updated` that this service uses."""

    ticket_id: int
    priority: Priority
    changed: list[str]


def sets_priority(delivery: Delivery[Updated], _deps: object) -> bool:
    """Return whether a person set the priority."""
    return delivery.envelope.cause.actor_kind == PERSON and PRIORITY in delivery.body.changed


def apply(session: Session, deliveries: Sequence[Delivery[Updated]], _deps: object) -> None:
    """Store the priorities."""
    manual_priorities.upsert(
        session,
        [
            ManualPriority(each.envelope.company_id, each.body.ticket_id, each.body.priority, each.envelope.revision)
            for each in deliveries
        ],
    )


CONSUMER = Consumer("ticket.updated", view=Updated, apply=apply, queue="learn", filter=sets_priority)
