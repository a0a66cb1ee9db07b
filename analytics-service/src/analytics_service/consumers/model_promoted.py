"""`model.promoted`: another model reads a company's tickets, or none does any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from analytics_service.store import models
from analytics_service.store.models import Serving


@dataclass(frozen=True)
class Promoted:
    """What this service needs of `model.promoted`."""

    version: str | None
    run_id: int | None
    examples: int
    accuracy: float | None
    macro_f1: float | None
    promoted_at: str


def apply(session: Session, deliveries: Sequence[Delivery[Promoted]]) -> None:
    """Keep the newest promotion of each company."""
    newest: dict[int, Serving] = {}
    for delivery in sorted(deliveries, key=lambda each: each.envelope.revision):
        company, body = delivery.envelope.company_id, delivery.body
        newest[company] = Serving(
            company_id=company,
            version=body.version,
            run_id=body.run_id,
            examples=body.examples,
            accuracy=body.accuracy,
            macro_f1=body.macro_f1,
            promoted_at=body.promoted_at,
            revision=delivery.envelope.revision,
        )
    models.promote(session, [newest[company] for company in sorted(newest)])


HANDLER = Handler(Promoted, apply)
