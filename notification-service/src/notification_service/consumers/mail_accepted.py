"""`mail.accepted`: show what became of a mail, and forget it where its ticket is deleted already."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from notification_service.store import inbound_mails, tickets


@dataclass(frozen=True)
class MailAccepted:
    """The fields of `mail.accepted` that this service uses."""

    mail_id: int
    ticket_id: int
    comment_id: int | None


def apply(session: Session, deliveries: Sequence[Delivery[MailAccepted]], _deps: object) -> None:
    """Link each mail with its ticket."""
    keys = [(each.envelope.company_id, each.body.ticket_id) for each in deliveries]
    known = tickets.lock(session, keys)
    for each in deliveries:
        company_id, body = each.envelope.company_id, each.body
        inbound_mails.link(session, company_id, body.mail_id, body.ticket_id, body.comment_id)
    inbound_mails.remove_of_tickets(session, [key for key in keys if known[key].gone])


CONSUMER = Consumer("mail.accepted", view=MailAccepted, apply=apply, queue="link-mails")
