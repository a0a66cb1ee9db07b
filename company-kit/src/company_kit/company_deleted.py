"""`company.deleted`: mark the company, so that the maintenance job removes everything of it.

Its tombstone, which the worker stores because the event is final, stops every later event of the company.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from company_kit import deletions

QUEUE = "forget-companies"


@dataclass(frozen=True)
class CompanyDeleted:
    """The field of `company.deleted` that services use."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyDeleted]], _deps: object) -> None:
    """Mark the companies."""
    deletions.mark(session, {delivery.envelope.company_id for delivery in deliveries})


CONSUMER = Consumer("company.deleted", view=CompanyDeleted, apply=apply, queue=QUEUE)
