"""`company.created` and `.updated`: a company has its first departments before its first ticket comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.subscription import Delivery
from sqlalchemy.orm import Session

from routing_service.usecases.meet_companies import make_known


@dataclass(frozen=True)
class CompanyChanged:
    """What this service needs of both."""

    company_id: int


def apply(session: Session, deliveries: Sequence[Delivery[CompanyChanged]]) -> None:
    """Enter and announce the first departments of companies that have none, so that other services know them too."""
    causes = {delivery.envelope.company_id: delivery.envelope.cause for delivery in deliveries}
    for company in sorted(causes):
        make_known(session, company, causes[company])
