"""A ticket moved on: one that is closed lies where it belongs, as far as anybody objected."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.store import settled
from ai_service.store.settled import Moved

ENDED = ("resolved", "closed")


@dataclass(frozen=True)
class StatusUpdated:
    """What this service needs of `ticket.status.updated`."""

    ticket_id: int
    status: str
    updated_at: str


def apply(session: Session, deliveries: Sequence[Delivery[StatusUpdated]]) -> None:
    """Keep whether the tickets are closed now; backtests are made of those that are."""
    settled.keep(
        session,
        [
            Moved(
                each.envelope.company_id,
                each.body.ticket_id,
                each.body.updated_at if each.body.status in ENDED else None,
                each.envelope.revision,
            )
            for each in deliveries
        ],
    )


HANDLER = Handler(StatusUpdated, apply)
