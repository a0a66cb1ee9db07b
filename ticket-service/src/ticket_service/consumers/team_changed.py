"""`team.created`, `.updated`, `.deleted`: know which teams can be wished for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.store import teams


@dataclass(frozen=True)
class TeamChanged:
    """What this service needs of a `team.*` event."""

    company_id: int
    team_id: int
    name: str
    department: str | None
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[TeamChanged]]) -> None:
    """Remember the latest announcement of each team; one count of revisions for all three types, as of departments."""
    latest: dict[tuple[int, int], dict[str, Any]] = {}
    for delivery in sorted(deliveries, key=lambda each: each.envelope.revision):
        body = delivery.body
        latest[body.company_id, body.team_id] = {
            "company_id": body.company_id,
            "team_id": body.team_id,
            "name": body.name,
            "department": body.department,
            "is_active": body.is_active and delivery.envelope.type != "team.deleted",
            "revision": delivery.envelope.revision,
        }
    # In one order, so that two batches that share teams wait instead of deadlocking.
    teams.remember(session, [latest[key] for key in sorted(latest)])
