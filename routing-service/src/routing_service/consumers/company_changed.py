"""`company.created` and `.updated`: seed the company's departments before its first ticket arrives."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from routing_service.usecases.seed_departments import ensure_seeded


@dataclass(frozen=True)
class CompanyChanged:
    """The fields of `company.created` and `.updated` that this service uses."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]], _deps: object) -> None:
    """Store and publish the seeded departments of companies without any, so that other services get them too."""
    causes = {delivery.envelope.company_id: delivery.envelope.cause for delivery in deliveries}
    for company_id in sorted(causes):
        ensure_seeded(session, company_id, causes[company_id])


CONSUMER = Consumer(("company.created", "company.updated"), view=CompanyChanged, apply=apply, queue="know-companies")
