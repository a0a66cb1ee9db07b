"""Let a person get mails again whose mail server has refused them."""

from sqlalchemy.orm import Session

from notification_service.domain.delivery import NotSuppressed
from notification_service.store import bounces


def allow_mail_again(session: Session, company_id: int, user_id: int) -> None:
    """Forget the refused mails to a person; raise NotSuppressed where there are none."""
    with session.begin():
        if not bounces.remove(session, company_id, user_id):
            raise NotSuppressed
