"""`company.created` and `.updated`: add the company to the list that maintenance jobs go through.

They delete unused bytes and old idempotency keys company by company.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.store import companies


@dataclass(frozen=True)
class CompanyChanged:
    """The fields of `company.created` and `.updated` that this service uses."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]], _deps: object) -> None:
    """Add the companies to the list of maintenance jobs."""
    companies.register(session, {delivery.envelope.company_id for delivery in deliveries})


CONSUMER = Consumer(("company.created", "company.updated"), view=CompanyChanged, apply=apply, queue="know-companies")
