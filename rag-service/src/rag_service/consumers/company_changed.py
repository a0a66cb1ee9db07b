"""`company.created` and `company.updated`: insert the company into the list that retention jobs go through.

A company whose people only ask questions sends no other event here. Without this one its old conversations and
idempotency keys would never be deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from rag_service.store import companies


@dataclass(frozen=True)
class CompanyChanged:
    """The fields of both events that this service uses."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]], _deps: object) -> None:
    """Insert the companies, so that retention jobs reach them."""
    companies.insert_missing(session, {delivery.envelope.company_id for delivery in deliveries})


CONSUMER = Consumer(("company.created", "company.updated"), view=CompanyChanged, apply=apply, queue="know-companies")
