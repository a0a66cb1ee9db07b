"""Send the mails that are due, in every worker, until it stops.

A mail is claimed in one transaction, given to the server outside of any, and its outcome is stored in another. A
process that ends in between leaves it in `sending`; after CLAIM_SECONDS it becomes `unknown` and isn't sent again,
because nobody knows whether the server has it.

The link of a mail about an account is made between claim and sending, and is stored nowhere.
"""

import random
from dataclasses import dataclass, replace
from threading import Event as Flag

from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from notification_service.domain.account_mail import FOOTER as ACCOUNT_FOOTER
from notification_service.domain.account_mail import (
    AccountMail,
    LinksDown,
    NoLink,
    is_account_mail,
    words_of_link,
    words_of_notice,
)
from notification_service.domain.delivery import (
    MessageIds,
    Outcome,
    Recipient,
    Result,
    State,
    after,
    before_account_mail,
    before_sending,
    footer_of,
)
from notification_service.domain.digest import MAX_ITEMS, words_of_digest
from notification_service.domain.kinds import DIGEST, Words, words_of
from notification_service.domain.mail.quotes import MARKER
from notification_service.domain.mail.threads import ReplyTags
from notification_service.domain.mail_rules import MailRules
from notification_service.domain.people import REQUESTER
from notification_service.domain.template import EVENT_VARIABLES, BadTemplate
from notification_service.domain.unsubscribing import UnsubscribeLinks
from notification_service.ports import AccountLinks, Mail, Mailer, Renderer
from notification_service.store import bounces, deliveries, digests, mailboxes, suppressions
from notification_service.store.deliveries import Claim
from notification_service.usecases.change_templates import render
from notification_service.usecases.make_digests import make_digests

INTERVAL_SECONDS = 1.0
MAX_FOUND = 20

log = get_logger(__name__)


@dataclass(frozen=True)
class MailSender:
    """The parts that send mails; threads share it."""

    database: Database
    mailer: Mailer
    renderer: Renderer
    unsubscribe_links: UnsubscribeLinks
    tags: ReplyTags
    """Make the reply addresses of companies with a mailbox."""
    most_bounces: int
    """After how many refused mails in a row an address gets none any more."""
    account_links: AccountLinks
    public_url: str
    """The address at which people reach the system; '' where the operator has given none."""
    rules: MailRules


@dataclass(frozen=True)
class Thread:
    """The address for answers to a mail about a ticket, and the Message-ID that all of its mails refer to."""

    reply_to: str | None = None
    root_id: str | None = None


def send_next(sender: MailSender) -> bool:
    """Take the next due mail and send it, suppress it or let it wait; return whether there was one."""
    database = sender.database
    with database.session() as session, session.begin():
        found = deliveries.due(session, MAX_FOUND)
    if not found:
        return False
    with database.session(*{company_id for company_id, _ in found}) as session, session.begin():
        claim = deliveries.lock_one(session, found)
        if claim is not None and claim.kind == DIGEST:
            claim = _filled(session, claim)
        is_sending = claim is not None and _begin(session, claim, sender.rules)
        thread = _thread(session, claim, sender.tags) if claim is not None else Thread()
    if claim is not None and is_sending:
        _save(sender, claim, _offer(claim, sender, thread))
    return claim is not None


def give_up_lost(database: Database) -> int:
    """Mark the mails as unknown whose sender has ended without an answer; return how many were found."""
    with database.session() as session, session.begin():
        found = deliveries.lost(session, MAX_FOUND)
    if found:
        with database.session(*{company_id for company_id, _ in found}) as session, session.begin():
            deliveries.give_up(session, found)
    return len(found)


def run_mails(sender: MailSender, message_ids: MessageIds, stopping: Flag) -> None:
    """Queue digests and send mails until `stopping` is set."""
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            give_up_lost(sender.database)
            make_digests(sender.database, message_ids)
            while send_next(sender) and not stopping.is_set():
                pass
        except Exception as error:
            # The next turn finds what is due again; a database that is down is in the checks of /ready.
            log.warning("sending of mails failed", error=type(error).__name__)


def _begin(session: Session, claim: Claim, rules: MailRules) -> bool:
    """Claim a locked delivery for a try, or store why there is none; return whether it is claimed."""
    if is_account_mail(claim.kind):
        then = before_account_mail(claim.suppressed)
    else:
        is_confirmed = claim.recipient is not None and claim.recipient.is_confirmed
        may_mail = rules.may_mail(claim.company_id, is_confirmed=is_confirmed)
        then = before_sending(
            claim.recipient, claim.kind, claim.facts, may_mail=may_mail, is_read=claim.is_read, now=claim.now
        )
    if then.state is State.SENDING:
        deliveries.begin(session, claim)
        return True
    deliveries.move(session, claim, then, tries=claim.tries, before=[State.QUEUED])
    return False


def _filled(session: Session, claim: Claim) -> Claim:
    """Return a digest's claim with its texts, made of what is unread now; as read where nothing is."""
    recipient = claim.recipient
    if recipient is None or recipient.preferences.digest is None:
        return claim
    listed, number = digests.unread(
        session,
        claim.company_id,
        claim.user_id,
        after=claim.facts["after"],
        up_to=claim.facts["up_to"],
        without_internal=recipient.role == REQUESTER,
        most=MAX_ITEMS,
    )
    words = words_of_digest(listed, number, recipient.preferences.digest.time_zone)
    return replace(claim, facts=words._asdict(), is_read=number == 0)


def _thread(session: Session, claim: Claim, tags: ReplyTags) -> Thread:
    """Return the thread of a mail about a ticket, if the company has a mailbox for answers."""
    mailbox = next(iter(mailboxes.addresses(session, claim.company_id)), None)
    if mailbox is None or claim.ticket_id is None:
        return Thread()
    domain = mailbox.rpartition("@")[2]
    internal = bool(claim.facts.get("internal"))
    return Thread(
        tags.reply_address(mailbox, claim.company_id, claim.ticket_id, claim.user_id, internal=internal),
        tags.root_id(claim.company_id, claim.ticket_id, domain),
    )


def _offer(claim: Claim, sender: MailSender, thread: Thread) -> Outcome:
    """Offer a mail to the server, with a link of now where it has one; no transaction is open."""
    try:
        mail = _account_mail(claim, sender) if is_account_mail(claim.kind) else _mail(claim, sender, thread)
    except NoLink as error:
        return Outcome(Result.REFUSED, str(error))
    except LinksDown as error:
        return Outcome(Result.POSTPONED, str(error))
    return sender.mailer.send(mail)


def _account_mail(claim: Claim, sender: MailSender) -> Mail:
    """Return a mail about an account; its link goes to the address alone that it was made for."""
    kind, links = AccountMail(claim.kind), sender.account_links
    match kind, claim.address:
        case AccountMail.EMAIL_CHANGED, str(address):
            words = words_of_notice(claim.facts)
        case AccountMail.EMAIL_VERIFICATION, str(asked):
            link = links.email_verification(claim.company_id, claim.user_id, asked)
            address, words = link.email, words_of_link(kind, link, sender.public_url, claim.facts)
        case AccountMail.INVITATION, _:
            link = links.invitation(claim.company_id, claim.facts["invitation_id"])
            address, words = link.email, words_of_link(kind, link, sender.public_url, claim.facts)
        case _:
            link = links.password_reset(claim.company_id, claim.user_id)
            address, words = link.email, words_of_link(kind, link, sender.public_url, claim.facts)
    return Mail(address, words.subject, words.message, claim.message_id, ACCOUNT_FOOTER)


def _mail(claim: Claim, sender: MailSender, thread: Thread) -> Mail:
    assert claim.recipient is not None
    subject, message = _words(claim, sender.renderer)
    text = message if thread.reply_to is None else f"{MARKER}\n\n{message}"
    url = sender.unsubscribe_links.of(claim.company_id, claim.user_id) if claim.kind == DIGEST else ""
    return Mail(
        claim.recipient.email,
        subject,
        text,
        claim.message_id,
        footer_of(sender.public_url),
        unsubscribe_url=url,
        reply_to=thread.reply_to,
        thread_id=thread.root_id,
    )


def _words(claim: Claim, renderer: Renderer) -> Words:
    """Return the texts by the company's template; the standard ones without one, or where it fails."""
    words = words_of(claim.kind, claim.ticket_id, claim.facts)
    if claim.template_subject is None or claim.template_body is None:
        return words
    values = {**dict.fromkeys(EVENT_VARIABLES), **claim.facts, "ticket_id": claim.ticket_id, "kind": claim.kind}
    try:
        return render(renderer, claim.template_subject, claim.template_body, {**values, **words._asdict()})
    except BadTemplate as error:
        log.warning("template failed", notification_type=claim.kind, error=str(error)[:100])
        return words


def _save(sender: MailSender, claim: Claim, outcome: Outcome) -> None:
    tries = claim.tries + 1
    with sender.database.session(claim.company_id) as session, session.begin():
        then = after(outcome, tries, deliveries.time(session))
        # `unknown`: this process was suspended for so long that another one gave its mail up.
        if deliveries.move(session, claim, then, tries=tries, before=[State.SENDING, State.UNKNOWN]):
            deliveries.end_try(session, claim, outcome, tries=tries)
        if claim.recipient is not None and not is_account_mail(claim.kind):
            _count_bounces(session, claim, claim.recipient, outcome, sender.most_bounces)


def _count_bounces(session: Session, claim: Claim, recipient: Recipient, outcome: Outcome, most: int) -> None:
    """Count refusals of an address in a row, and suppress it where there are too many."""
    if outcome.is_bounce:
        number = bounces.count(session, claim.company_id, claim.user_id, recipient.email)
        if number >= most:
            suppressions.add(session, claim.company_id, recipient.email, outcome.reason)
            bounces.remove(session, claim.company_id, claim.user_id)
    elif recipient.bounces and outcome.result is Result.SENT:
        bounces.remove(session, claim.company_id, claim.user_id)
