"""A company's teams change, and with them who may get a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from routing_service.store import teams
from routing_service.store.teams import Told


@dataclass(frozen=True)
class TeamChanged:
    """What this service needs of `team.created`, `.updated` and `.deleted`; who is in a team is not its business."""

    team_id: int
    name: str
    department: str | None
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[TeamChanged]]) -> None:
    """Keep the newest state of each team. Tickets that it has stay with it."""
    teams.save(
        session,
        [
            Told(
                company_id=delivery.envelope.company_id,
                team_id=delivery.body.team_id,
                name=delivery.body.name,
                department=delivery.body.department,
                is_active=delivery.body.is_active,
                gone=delivery.envelope.type == "team.deleted",
                revision=delivery.envelope.revision,
            )
            for delivery in deliveries
        ],
    )
