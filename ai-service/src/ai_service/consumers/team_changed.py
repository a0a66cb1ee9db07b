"""A company's teams change, and with them who may get a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.store import teams
from ai_service.store.teams import Told


@dataclass(frozen=True)
class Changed:
    """What this service needs of `team.created`, `.updated` and `.deleted`; who is in a team is not its business."""

    team_id: int
    name: str
    description: str
    department: str | None
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[Changed]]) -> None:
    """Keep the newest state of each team; a deleted one stays known, as inactive."""
    teams.save(
        session,
        [
            Told(
                company_id=delivery.envelope.company_id,
                team_id=delivery.body.team_id,
                name=delivery.body.name,
                description=delivery.body.description,
                department=delivery.body.department,
                is_active=delivery.body.is_active and delivery.envelope.type != "team.deleted",
                revision=delivery.envelope.revision,
            )
            for delivery in deliveries
        ],
    )


HANDLER = Handler(Changed, apply)
