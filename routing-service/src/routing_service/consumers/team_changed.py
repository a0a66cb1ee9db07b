"""`team.created`, `.updated` and `.deleted`: keep a replica of each company's teams."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from routing_service.store import teams
from routing_service.store.teams import TeamSnapshot


@dataclass(frozen=True)
class TeamChanged:
    """The fields of `team.*` that this service uses; members are not among them."""

    team_id: int
    name: str
    department: str | None
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[TeamChanged]]) -> None:
    """Store the newest state of each team. Tickets keep their team."""
    teams.upsert(
        session,
        [
            TeamSnapshot(
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
