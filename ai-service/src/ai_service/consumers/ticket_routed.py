"""A person routed a ticket, which is a lesson."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.store import examples
from ai_service.store.examples import PersonDecided

PERSON = "person"


@dataclass(frozen=True)
class Routed:
    """What this service needs of `ticket.routed`."""

    ticket_id: int
    department: str
    decided_by: str
    team_id: int | None = None
    team_by_person: bool = False


def by_person(delivery: Delivery[Routed]) -> bool:
    """Tell whether a person decided; what machines decide teaches nothing."""
    return delivery.body.decided_by == PERSON


def apply(session: Session, deliveries: Sequence[Delivery[Routed]]) -> None:
    """Keep what people decided."""
    examples.label(
        session,
        [
            PersonDecided(
                each.envelope.company_id,
                each.body.ticket_id,
                each.body.department,
                each.envelope.revision,
                # A team that a machine proposed and a person let be teaches nothing.
                each.body.team_id if each.body.team_by_person else None,
            )
            for each in deliveries
        ],
    )


HANDLER = Handler(Routed, apply, concerns=by_person)
