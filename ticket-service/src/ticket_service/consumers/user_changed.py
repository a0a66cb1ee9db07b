"""`user.created`, `.updated`, `.deleted`: keep a replica of each company's people and their roles, without names."""

from dataclasses import dataclass

from eventbus.replica import replica_consumer


@dataclass(frozen=True)
class UserChanged:
    """The fields of `user.*` that this service uses."""

    user_id: int
    role: str
    is_active: bool


CONSUMER = replica_consumer(
    "users",
    view=UserChanged,
    event_types=("user.created", "user.updated", "user.deleted"),
    queue="know-users",
    key="user_id",
)
