"""`model.promoted`: another model serves a company, or none does any more."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from analytics_service.store import models
from analytics_service.store.models import Serving


@dataclass(frozen=True)
class Promoted:
    """The fields of `model.promoted` that this service uses."""

    version: str | None
    run_id: int | None
    examples: int
    accuracy: float | None
    macro_f1: float | None
    promoted_at: str


def apply(session: Session, deliveries: Sequence[Delivery[Promoted]]) -> None:
    """Store the newest promotion of each company."""
    newest: dict[int, Serving] = {}
    for delivery in sorted(deliveries, key=lambda delivery: delivery.envelope.revision):
        company_id, body = delivery.envelope.company_id, delivery.body
        newest[company_id] = Serving(
            company_id=company_id,
            version=body.version,
            run_id=body.run_id,
            examples=body.examples,
            accuracy=body.accuracy,
            macro_f1=body.macro_f1,
            promoted_at=body.promoted_at,
            revision=delivery.envelope.revision,
        )
    models.upsert_promotions(session, [newest[company_id] for company_id in sorted(newest)])


HANDLER = Handler(Promoted, apply)
