"""Mark the deliveries whose mails came back, and suppress the addresses that refuse all mails."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from notification_service.domain.mail.read_mail import Reading
from notification_service.store import deliveries, suppressions

MAX_SUBJECT_CHARACTERS = 200
NO_FAILURE = {"delayed", "delivered", "relayed", "expanded"}
"""The actions of a report (RFC 3464) after which the mail has arrived, or is still tried."""


def note_bounce(session: Session, company_id: int, reading: Reading) -> str:
    """Return what a bounce was about, for people.

    It counts for the mails alone whose Message-IDs it names, which nobody can guess, and for the address alone that
    such a mail was sent to: a forged report suppresses nobody.
    """
    mail = reading.mail
    if mail.actions and not set(mail.actions) - NO_FAILURE:
        return "it reports no failure: the mail is late, or has arrived"
    ids: Sequence[str] = (*mail.returned_ids, *mail.references)
    reason = f"came back: {mail.subject}"[:MAX_SUBJECT_CHARACTERS]
    permanent = {address.lower() for address in reading.failures[1]}
    bounced = deliveries.bounce(session, company_id, ids, reason)
    for delivery in bounced:
        if delivery.address in permanent:
            suppressions.add(session, company_id, delivery.address, reason)
    if not bounced:
        return "of no mail that was sent from here"
    return f"of the deliveries {', '.join(str(delivery.id) for delivery in bounced)}"
