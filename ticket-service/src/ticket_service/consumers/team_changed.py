"""`team.created`, `.updated`, `.deleted`: keep a replica of each company's teams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.store import teams


@dataclass(frozen=True)
class TeamChanged:
    """The fields of `team.*` that this service uses."""

    company_id: int
    team_id: int
    name: str
    department: str | None
    is_active: bool


def apply(session: Session, deliveries: Sequence[Delivery[TeamChanged]]) -> None:
    """Store the newest state of each team. The row keeps one revision for all three event types."""
    latest: dict[tuple[int, int], dict[str, Any]] = {}
    for delivery in sorted(deliveries, key=lambda delivery: delivery.envelope.revision):
        body = delivery.body
        latest[body.company_id, body.team_id] = {
            "company_id": body.company_id,
            "team_id": body.team_id,
            "name": body.name,
            "department": body.department,
            "is_active": body.is_active and delivery.envelope.type != "team.deleted",
            "revision": delivery.envelope.revision,
        }
    # Sorted, so that two batches that share teams wait instead of deadlocking.
    teams.upsert(session, [latest[key] for key in sorted(latest)])
