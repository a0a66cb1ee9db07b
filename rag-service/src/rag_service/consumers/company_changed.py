"""`company_id.created` and `.updated`: know that a company is there.

A company whose people only ask questions sends no other event here. Without this one its old conversations and
idempotency keys would never be swept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service.store import companies


@dataclass(frozen=True)
class CompanyChanged:
    """What this service needs of both."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]]) -> None:
    """Enter the companies, so that the sweeps reach them."""
    companies.enter(session, {delivery.envelope.company_id for delivery in deliveries})


HANDLERS = dict.fromkeys(("company.created", "company.updated"), Handler(CompanyChanged, apply))
