"""`company.created` and `.updated`: replicate a company's automation settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.consumer import Consumer
from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from ai_service.store import automation_settings
from ai_service.store.automation_settings import AutomationSnapshot


@dataclass(frozen=True)
class Changed:
    """The fields of `company.created` and `.updated` that this service uses."""

    auto_categorize: bool
    auto_prioritize: bool
    auto_assign: bool


def apply(session: Session, deliveries: Sequence[Delivery[Changed]], _deps: object) -> None:
    """Store the newest automation settings of each company."""
    automation_settings.upsert(
        session,
        [
            AutomationSnapshot(
                company_id=delivery.envelope.company_id,
                auto_categorize=delivery.body.auto_categorize,
                auto_prioritize=delivery.body.auto_prioritize,
                auto_assign=delivery.body.auto_assign,
                revision=delivery.envelope.revision,
            )
            for delivery in deliveries
        ],
    )


CONSUMER = Consumer(("company.created", "company.updated"), view=Changed, apply=apply, queue="know-companies")
