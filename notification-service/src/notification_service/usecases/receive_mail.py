"""Store a mail that a provider sends by webhook, if the provider proves that it is the mailbox's."""

import time
from dataclasses import dataclass

from company_kit import deletions
from service_kit.database.engine import Database

from notification_service.domain.mail.threads import mailbox_address
from notification_service.domain.mailbox import Mailbox, Provider
from notification_service.ports import Delivered, Incoming, MailProvider
from notification_service.store import inbound_mails, mailboxes
from notification_service.store.inbound_mails import NewMail
from notification_service.usecases.mailboxes import Mailboxes

MAX_RECIPIENTS = 20


class NotVerified(Exception):
    """No mailbox that the mail is for has the secret that the request was signed with."""

    def __init__(self) -> None:
        super().__init__("There is no such mailbox of this provider, or the signature is not valid.")


@dataclass(frozen=True)
class Found:
    """The mailbox whose secret a request was signed with, and the address that led to it."""

    mailbox: Mailbox
    recipient: str


def receive_mail(
    database: Database,
    known: Mailboxes,
    provider: Provider,
    by: MailProvider,
    incoming: Incoming,
    *,
    request_id: str,
) -> None:
    """Store a mail; the same again changes nothing. Raises BadDelivery, NotVerified.

    Nothing but the store happens before the answer: a mail that was answered for is never lost.
    """
    delivered = by.delivered(incoming)
    found = _find(database, known, provider, by, incoming, delivered)
    new = NewMail(
        found.mailbox.company_id,
        found.mailbox.address,
        delivered.raw,
        found.recipient,
        request_id,
        delivered.token,
    )
    with database.session(new.company_id) as session, session.begin():
        if deletions.is_marked(session, new.company_id) or not inbound_mails.add(session, new):
            raise NotVerified


def _find(
    database: Database,
    known: Mailboxes,
    provider: Provider,
    by: MailProvider,
    incoming: Incoming,
    delivered: Delivered,
) -> Found:
    now = time.time()
    # What comes here is not verified yet: anything may stand in it, as often as its sender likes.
    named = [each.strip().lower() for each in delivered.recipients if each.isprintable()]
    for recipient in list(dict.fromkeys(named))[:MAX_RECIPIENTS]:
        with database.session() as session, session.begin():
            candidates = mailboxes.candidates(session, mailbox_address(recipient), provider)
        for company_id, mailbox_id in candidates:
            with database.session(company_id) as session, session.begin():
                mailbox = mailboxes.find(session, company_id, mailbox_id)
            secret = known.secret(mailbox) if mailbox is not None else None
            if mailbox is not None and secret is not None and by.verifies(incoming, secret, now):
                return Found(mailbox, recipient)
    raise NotVerified
