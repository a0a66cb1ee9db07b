"""The events that this service publishes."""

from datetime import datetime

from eventbus.event import Event
from service_kit.telemetry.cause import Cause

from notification_service.domain.mail.message import MailKind
from notification_service.domain.mail.read_mail import Reading
from notification_service.domain.mail.threads import NOBODY, Proof
from notification_service.domain.people import Person

MAIL_RECEIVED = "mail.received"


def mail_received(
    company_id: int,
    mail_id: int,
    reading: Reading,
    *,
    mailbox: str,
    received_at: datetime,
    proof: Proof | None,
    person: Person | None,
    cause: Cause,
) -> Event:
    """Return `mail.received`: a mail for ticket-service, with what is proved about its ticket and its sender.

    `person` is the active person with the sender's address, which anybody can write into a mail.
    """
    mail = reading.mail
    body = {
        "company_id": company_id,
        "mail_id": mail_id,
        "mailbox": mailbox,
        "message_id": mail.message_id,
        "references": list(mail.references),
        "proven_ticket_id": proof.ticket_id if proof else None,
        "proven_user_id": proof.user_id if proof and proof.user_id != NOBODY else None,
        "internal": proof is not None and proof.internal,
        "subject_ticket_id": reading.subject_number,
        "sender_email": mail.sender,
        "sender_name": mail.sender_name or None,
        "sender_user_id": person.user_id if person else None,
        "sender_role": person.role if person else None,
        "automatic": reading.kind is not MailKind.HUMAN,
        "subject": mail.subject,
        "text": mail.text,
        "answer": reading.answer,
        "files": [
            {"position": each.position, "name": each.name, "content_type": each.content_type, "size_bytes": each.size}
            for each in mail.files
        ],
        "received_at": received_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    return Event(MAIL_RECEIVED, f"mail:{mail_id}", company_id, 1, body, cause)
