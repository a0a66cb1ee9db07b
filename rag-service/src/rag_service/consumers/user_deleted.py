"""`user.deleted`: delete the person's conversations.

Nobody else may read them, and questions are personal; without this they would stay until they are old.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.store import conversations


@dataclass(frozen=True)
class UserDeleted:
    """The fields of `user.deleted` that this service uses."""

    user_id: int


def apply(session: Session, deliveries: Sequence[Delivery[UserDeleted]], _deps: object) -> None:
    """Delete the conversations of each person; `user:7` is the person's name in tokens."""
    for delivery in deliveries:
        conversations.delete_all(session, delivery.envelope.company_id, owner=f"user:{delivery.body.user_id}")


CONSUMER = Consumer("user.deleted", view=UserDeleted, apply=apply, queue="forget-people")
