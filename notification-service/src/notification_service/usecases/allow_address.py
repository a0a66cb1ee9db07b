"""Let an address have mails again."""

from sqlalchemy.orm import Session

from notification_service.domain.suppression import SuppressionNotFound
from notification_service.store import suppressions


def allow_address(session: Session, company_id: int, suppression_id: int) -> None:
    """Remove a suppressed address; raise SuppressionNotFound."""
    with session.begin():
        if not suppressions.remove(session, company_id, suppression_id):
            raise SuppressionNotFound(suppression_id)
