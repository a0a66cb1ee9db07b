"""`team.created`, `.updated` and `.deleted`: keep a replica of each company's teams with their members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventbus.replica import replica_consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from workflow_service.store import addresses, people
from workflow_service.store.addresses import PersonKey


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
    """Store the teams; the sweep offers the work of those who left.

    `team.updated` may come before or after the `user.updated` of a new address. Members with an account have the
    address that the replica of users has: so people, teams and tasks change addresses together.
    """
    people.mark_changed(session, {delivery.envelope.company_id for delivery in deliveries})
    known = addresses.of(session, {key for delivery in deliveries for key in _accounts(delivery)})
    _REPLICA.apply(session, [_with_known(delivery, known) for delivery in deliveries], deps)


def _accounts(delivery: Delivery[TeamChanged]) -> list[PersonKey]:
    company_id = delivery.envelope.company_id
    return [(company_id, member["user_id"]) for member in delivery.body.members if member.get("user_id")]


def _with_known(delivery: Delivery[TeamChanged], known: Mapping[PersonKey, str]) -> Delivery[TeamChanged]:
    company_id = delivery.envelope.company_id
    members = [
        member | {"email": known.get((company_id, member.get("user_id") or 0), member["email"])}
        for member in delivery.body.members
    ]
    return replace(delivery, body=replace(delivery.body, members=members))


CONSUMER = replace(_REPLICA, apply=apply)
