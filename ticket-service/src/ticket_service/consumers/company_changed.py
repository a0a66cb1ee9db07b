"""`company.created` and `.updated`: add the company to the list that maintenance jobs go through.

They delete unused bytes and old idempotency keys company by company.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ticket_service.store import companies


@dataclass(frozen=True)
class CompanyChanged:
    """The fields of `company.created` and `.updated` that this service uses."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]]) -> None:
    """Add the companies to the list of maintenance jobs."""
    companies.register(session, {delivery.envelope.company_id for delivery in deliveries})


HANDLERS = dict.fromkeys(("company.created", "company.updated"), Handler(CompanyChanged, apply))
