"""`model.used`: a service called a paid model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from analytics_service.store import models
from analytics_service.store.models import Call


@dataclass(frozen=True)
class Used:
    """The fields of `model.used` that this service uses; the ticket is not among them."""

    purpose: str
    model: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_micro_usd: float | None
    used_at: str


def apply(session: Session, deliveries: Sequence[Delivery[Used]], _deps: object) -> None:
    """Add the calls to the sums of their days; the inbox ensures that each counts once."""
    models.add_calls(session, [_call(delivery) for delivery in deliveries])


def _call(delivery: Delivery[Used]) -> Call:
    body, cost = delivery.body, delivery.body.cost_micro_usd
    return Call(
        company_id=delivery.envelope.company_id,
        day=_day(body.used_at),
        source=delivery.envelope.source,
        model=body.model,
        purpose=body.purpose,
        unpriced=cost is None,
        input_tokens=body.input_tokens,
        output_tokens=body.output_tokens,
        cache_read_tokens=body.cache_read_tokens,
        cache_write_tokens=body.cache_write_tokens,
        cost_micro_usd=Decimal(0) if cost is None else Decimal(repr(cost)),
    )


def _day(moment: str) -> date:
    return datetime.fromisoformat(moment).astimezone(UTC).date()


CONSUMER = Consumer("model.used", view=Used, apply=apply, queue="count-models")
