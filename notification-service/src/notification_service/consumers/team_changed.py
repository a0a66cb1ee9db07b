"""`team.created`, `.updated` and `.deleted`: keep a replica of teams by the addresses of their members."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventbus.consumer import Consumer
from eventbus.replica import replica_consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class TeamChanged:
    """The fields of `team.*` that this service uses; of the members their addresses alone are stored."""

    team_id: int
    is_active: bool
    members: list[dict[str, Any]]


@dataclass(frozen=True)
class StoredTeam:
    """A row of the replica."""

    team_id: int
    is_active: bool
    addresses: list[str]


EVENT_TYPES = ("team.created", "team.updated", "team.deleted")
QUEUE = "know-teams"
_REPLICA = replica_consumer("teams", view=StoredTeam, event_types=EVENT_TYPES, queue=QUEUE, key="team_id")


def apply(session: Session, deliveries: Sequence[Delivery[TeamChanged]], deps: object) -> None:
    """Store the teams; of a deleted one the number alone."""
    _REPLICA.apply(session, [replace(delivery, body=_stored(delivery)) for delivery in deliveries], deps)


def _stored(delivery: Delivery[TeamChanged]) -> StoredTeam:
    team = delivery.body
    is_deleted = delivery.envelope.type == "team.deleted"
    addresses = [] if is_deleted else sorted({str(member["email"]).lower() for member in team.members})
    return StoredTeam(team.team_id, team.is_active, addresses)


CONSUMER: Consumer[TeamChanged, object] = Consumer(EVENT_TYPES, view=TeamChanged, apply=apply, queue=QUEUE)
