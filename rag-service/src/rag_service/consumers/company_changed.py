"""`company.created` and `company.updated`: insert the company into the list that retention jobs go through.

A company whose people only ask questions sends no other event here. Without this one its old conversations and
idempotency keys would never be deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery, Handler
from sqlalchemy.orm import Session

from rag_service.store import companies


@dataclass(frozen=True)
class CompanyChanged:
    """The fields of both events that this service uses."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]]) -> None:
    """Insert the companies, so that retention jobs reach them."""
    companies.insert_missing(session, {delivery.envelope.company_id for delivery in deliveries})


HANDLERS = dict.fromkeys(("company.created", "company.updated"), Handler(CompanyChanged, apply))
