"""`ticket.status.updated`: store whether a ticket is closed; a closed ticket is ground truth for backtests."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.store import ground_truth
from ai_service.store.ground_truth import StatusChange

CLOSED_STATUSES = ("resolved", "closed")


@dataclass(frozen=True)
class StatusUpdated:
    """The fields of `ticket.status.updated` that this service uses."""

    ticket_id: int
    status: str
    updated_at: str


def apply(session: Session, deliveries: Sequence[Delivery[StatusUpdated]], _deps: object) -> None:
    """Store whether the tickets are closed."""
    ground_truth.upsert(
        session,
        [
            StatusChange(
                each.envelope.company_id,
                each.body.ticket_id,
                each.body.updated_at if each.body.status in CLOSED_STATUSES else None,
                each.envelope.revision,
            )
            for each in deliveries
        ],
    )


CONSUMER = Consumer("ticket.status.updated", view=StatusUpdated, apply=apply, queue="learn")
