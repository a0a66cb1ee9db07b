"""`user.deleted`: delete what belongs to the person alone. Tickets and their trails stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.store import read_marks, reply_drafts, saved_views, ticket_presence


@dataclass(frozen=True)
class UserDeleted:
    """The fields of `user.deleted` that this service uses."""

    user_id: int


def apply(session: Session, deliveries: Sequence[Delivery[UserDeleted]], _deps: object) -> None:
    """Delete the drafts, marks, own views and presence of each person; `user:7` is the person's name in tokens."""
    for delivery in deliveries:
        company_id, person = delivery.envelope.company_id, f"user:{delivery.body.user_id}"
        reply_drafts.remove_all(session, company_id, person)
        read_marks.remove_all(session, company_id, f"person:{person}")
        saved_views.remove_owner(session, company_id, person)
        ticket_presence.remove_all(session, company_id, person)


CONSUMER = Consumer("user.deleted", view=UserDeleted, apply=apply, queue="forget-people")
