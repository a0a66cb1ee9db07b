"""`mail.received`: make a ticket or a comment of each mail."""

from collections.abc import Sequence

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from ticket_service.dependencies import Dependencies
from ticket_service.domain.mail import ReceivedMail
from ticket_service.usecases.accept_mail import accept_mail, lock_answered


def apply(session: Session, deliveries: Sequence[Delivery[ReceivedMail]], deps: Dependencies) -> None:
    """Accept the mails in their order."""
    lock_answered(session, [(delivery.envelope.company_id, delivery.body) for delivery in deliveries])
    for delivery in deliveries:
        accept_mail(session, delivery.envelope.company_id, delivery.body, delivery.envelope.cause, deps)


CONSUMER = Consumer("mail.received", view=ReceivedMail, apply=apply, queue="take-mails")
