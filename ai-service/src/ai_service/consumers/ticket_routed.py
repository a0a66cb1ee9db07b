"""`ticket.routed`: store the department and team that a person chose as labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.store import examples
from ai_service.store.examples import HumanLabel

PERSON = "person"


@dataclass(frozen=True)
class Routed:
    """The fields of `ticket.routed` that this service uses."""

    ticket_id: int
    department: str
    decided_by: str
    team_id: int | None = None
    team_by_person: bool = False


def is_by_person(delivery: Delivery[Routed], _deps: object) -> bool:
    """Return whether a person decided; a machine's decision is no label."""
    return delivery.body.decided_by == PERSON


def apply(session: Session, deliveries: Sequence[Delivery[Routed]], _deps: object) -> None:
    """Store the labels."""
    examples.upsert_labels(
        session,
        [
            HumanLabel(
                each.envelope.company_id,
                each.body.ticket_id,
                each.body.department,
                each.envelope.revision,
                # A team that a machine proposed is no label, also where a person left it.
                each.body.team_id if each.body.team_by_person else None,
            )
            for each in deliveries
        ],
    )


CONSUMER = Consumer("ticket.routed", view=Routed, apply=apply, queue="learn", filter=is_by_person)
