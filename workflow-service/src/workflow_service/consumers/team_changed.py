"""`team.created`, `.updated` and `.deleted`: keep a replica of each company's teams with their members."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventbus.replica import replica_consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from workflow_service.store import people


@dataclass(frozen=True)
class TeamChanged:
    """The fields of `team.*` that this service uses."""

    team_id: int
    name: str
    department: str | None
    is_active: bool
    members: list[dict[str, Any]]


_REPLICA = replica_consumer(
    "teams",
    view=TeamChanged,
    event_types=("team.created", "team.updated", "team.deleted"),
    queue="know-teams",
    key="team_id",
    deleted_column="gone",
)


def apply(session: Session, deliveries: Sequence[Delivery[TeamChanged]], deps: object) -> None:
    """Store the teams; the sweep offers the work of those who left."""
    _REPLICA.apply(session, deliveries, deps)
    people.mark_changed(session, {delivery.envelope.company_id for delivery in deliveries})


CONSUMER = replace(_REPLICA, apply=apply)
