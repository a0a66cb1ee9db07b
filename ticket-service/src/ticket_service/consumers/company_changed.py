"""`company.created` and `.updated`: know that a company is there.

Bytes that no file uses and idempotency keys are swept company by company, from the first request of its people on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from ticket_service.store import companies


@dataclass(frozen=True)
class CompanyChanged:
    """What this service needs of both."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]]) -> None:
    """Enter the companies, so that the sweeps reach them."""
    companies.enter(session, {delivery.envelope.company_id for delivery in deliveries})


HANDLERS = dict.fromkeys(("company.created", "company.updated"), Handler(CompanyChanged, apply))
