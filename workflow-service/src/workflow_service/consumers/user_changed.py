"""`user.created`, `.updated` and `.deleted`: keep a replica of each company's people and their roles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eventbus.replica import replica_consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from workflow_service.store import addresses, people, users
from workflow_service.usecases.change_address import change_address, changed_addresses


@dataclass(frozen=True)
class UserChanged:
    """The fields of `user.*` that this service uses."""

    user_id: int
    email: str
    role: str
    is_active: bool


_REPLICA = replica_consumer(
    "users",
    view=UserChanged,
    event_types=("user.created", "user.updated", "user.deleted"),
    queue="know-users",
    key="user_id",
)


def apply(session: Session, deliveries: Sequence[Delivery[UserChanged]], deps: object) -> None:
    """Store the people, without the address of those who are deleted; the sweep offers the work of those who left.

    Who has another address keeps everything in this transaction.
    """
    people.mark_changed(session, {delivery.envelope.company_id for delivery in deliveries})
    causes = {(each.envelope.company_id, each.body.user_id): each.envelope.cause for each in deliveries}
    before = addresses.of(session, causes)
    _REPLICA.apply(session, deliveries, deps)
    for change in changed_addresses(before, addresses.of(session, causes)):
        change_address(session, change, causes[change.company_id, change.user_id])
    deleted = [each for each in deliveries if each.envelope.type == "user.deleted"]
    users.forget_addresses(session, [(each.envelope.company_id, each.body.user_id) for each in deleted])


CONSUMER = replace(_REPLICA, apply=apply)
