"""`user.created`, `.updated` and `.deleted`: keep a replica of each company's people, their addresses and roles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eventbus.replica import replica_consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from notification_service.store import people


@dataclass(frozen=True)
class UserChanged:
    """The fields of `user.*` that this service uses."""

    user_id: int
    email: str
    role: str
    is_active: bool
    email_confirmed: bool = False


_REPLICA = replica_consumer(
    "users",
    view=UserChanged,
    event_types=("user.created", "user.updated", "user.deleted"),
    queue="know-users",
    key="user_id",
)


def apply(session: Session, deliveries: Sequence[Delivery[UserChanged]], deps: object) -> None:
    """Store the people; of those who are deleted the number alone stays, and none of their notifications."""
    _REPLICA.apply(session, deliveries, deps)
    confirmed = [each for each in deliveries if each.body.email_confirmed]
    people.confirm(
        session, [(each.envelope.company_id, each.body.user_id, each.envelope.revision) for each in confirmed]
    )
    deleted = [each for each in deliveries if each.envelope.type == "user.deleted"]
    people.forget(session, [(each.envelope.company_id, each.body.user_id) for each in deleted])


CONSUMER = replace(_REPLICA, apply=apply)
