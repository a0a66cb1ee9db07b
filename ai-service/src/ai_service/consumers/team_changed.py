"""`team.*`: replicate a company's teams."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.consumer import Consumer
from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.store import teams
from ai_service.store.teams import TeamSnapshot


@dataclass(frozen=True)
class Changed:
    """The fields of `team.created`, `.updated` and `.deleted` that this service uses."""

    team_id: int
    name: str
    description: str
    department: str | None
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[Changed]], _deps: object) -> None:
    """Store the newest state of each team; a deleted one stays, as inactive."""
    teams.upsert(
        session,
        [
            TeamSnapshot(
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


CONSUMER = Consumer(("team.created", "team.updated", "team.deleted"), view=Changed, apply=apply, queue="know-teams")
