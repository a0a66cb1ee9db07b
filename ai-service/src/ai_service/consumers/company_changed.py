"""A company turns its switches: what it leaves to machines."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ai_service.store import switches
from ai_service.store.switches import Told


@dataclass(frozen=True)
class Changed:
    """What this service needs of `company.created` and `.updated`."""

    auto_categorize: bool
    auto_prioritize: bool
    auto_assign: bool


def apply(session: Session, deliveries: Sequence[Delivery[Changed]]) -> None:
    """Keep the newest switches of each company."""
    switches.save(
        session,
        [
            Told(
                company_id=delivery.envelope.company_id,
                auto_categorize=delivery.body.auto_categorize,
                auto_prioritize=delivery.body.auto_prioritize,
                auto_assign=delivery.body.auto_assign,
                revision=delivery.envelope.revision,
            )
            for delivery in deliveries
        ],
    )


HANDLER = Handler(Changed, apply)
