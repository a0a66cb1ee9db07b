"""Read the mails that have arrived and publish what they say, in every worker, until it stops.

A mail is claimed in one transaction, read outside of any in a process of its own, and concluded in another one,
together with its event. A process that ends in between leaves the mail as it was: another one reads it.
"""

import random
from dataclasses import dataclass, replace
from threading import Event as Flag
from typing import Any

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from notification_service import events
from notification_service.domain.inbound import MAX_ATTEMPTS, MailState, content_key
from notification_service.domain.mail.message import MailKind, Unreadable
from notification_service.domain.mail.read_mail import Reading
from notification_service.domain.mail.threads import Proof, ReplyTags
from notification_service.domain.people import Person
from notification_service.ports import MailReader
from notification_service.store import deliveries, inbound_mails, mailboxes, people
from notification_service.store.inbound_mails import Claim
from notification_service.store.people import Named
from notification_service.usecases.note_bounce import note_bounce

INTERVAL_SECONDS = 1.0
MAX_FOUND = 20

log = get_logger(__name__)


@dataclass(frozen=True)
class Intake:
    """The tools for reading mails."""

    database: Database
    reader: MailReader
    tags: ReplyTags
    sender: str
    """The address that this system sends from, '' where it sends none."""
    automatic_per_hour: int


def take_next(intake: Intake) -> bool:
    """Take the next mail that waits; return whether there was one."""
    database = intake.database
    with database.session() as session, session.begin():
        found = inbound_mails.waiting(session, MAX_FOUND)
    if not found:
        return False
    with database.session(*{company_id for company_id, _ in found}) as session, session.begin():
        claim = inbound_mails.claim(session, found)
    if claim is None:
        return False
    with database.session(claim.company_id) as session, session.begin():
        own = {*mailboxes.addresses(session, claim.company_id), claim.mailbox, intake.sender.lower()} - {""}
    try:
        if claim.attempts > MAX_ATTEMPTS:
            raise Unreadable("the process that read it has ended each time")
        reading = intake.reader.read(claim.content, own)
    except Unreadable as error:
        _park(database, claim, str(error))
    else:
        _conclude(intake, claim, reading)
    return True


def run_intake(intake: Intake, stopping: Flag) -> None:
    """Take mails until `stopping` is set."""
    while not stopping.wait(INTERVAL_SECONDS * random.uniform(0.8, 1.2)):
        try:
            while take_next(intake) and not stopping.is_set():
                pass
        except Exception as error:
            # The next turn finds the mail again after its claim; a database that is down is in the checks of /ready.
            log.warning("the reading of mails failed", error=type(error).__name__)


def _park(database: Database, claim: Claim, reason: str) -> None:
    with database.session(claim.company_id) as session, session.begin():
        if inbound_mails.lock(session, claim):
            inbound_mails.conclude(session, claim, MailState.PARKED, reason)


def _conclude(intake: Intake, claim: Claim, reading: Reading) -> None:
    """Store what becomes of a mail, with its event where it is published."""
    mail, company_id = reading.mail, claim.company_id
    known: dict[str, Any] = {
        "kind": reading.kind,
        "message_id": mail.message_id,
        "sender": mail.sender,
        "subject": mail.subject,
    }
    with intake.database.session(company_id) as session, session.begin():
        if not inbound_mails.lock(session, claim):
            return
        if reading.kind is MailKind.LOOP:
            inbound_mails.conclude(session, claim, MailState.IGNORED, "this system has sent it", **known)
            return
        if reading.kind is MailKind.BOUNCE:
            reason = note_bounce(session, company_id, reading)
            inbound_mails.conclude(session, claim, MailState.BOUNCE, reason, **known)
            return
        key = content_key(mail, claim.sha256)
        first = inbound_mails.first_with(session, company_id, key)
        if first is not None:
            inbound_mails.conclude(session, claim, MailState.DUPLICATE, f"the same as the mail {first}", **known)
            return
        proof = _proof(session, intake.tags, claim, reading)
        known |= {"content_key": key, "proven_ticket_id": proof.ticket_id if proof else None}
        if _is_too_much(session, intake, claim, reading, proof):
            reason = f"more than {intake.automatic_per_hour} automatic mails of the address in an hour"
            inbound_mails.conclude(session, claim, MailState.PARKED, reason, **known)
            return
        inbound_mails.conclude(session, claim, MailState.PUBLISHED, "; ".join(mail.faults)[:500], **known)
        event = events.mail_received(
            company_id,
            claim.id,
            reading,
            mailbox=claim.mailbox,
            received_at=claim.received_at,
            proof=proof,
            person=_person(session, company_id, mail.sender),
            cause=Cause(claim.request_id),
        )
        outbox.add(session, event)


def _proof(session: Session, tags: ReplyTags, claim: Claim, reading: Reading) -> Proof | None:
    """Return the ticket that a mail proves to answer: by a signed address or id, else by the id of a mail sent here."""
    mail = reading.mail
    proof = tags.proof(claim.company_id, (claim.recipient, *mail.recipients), mail.references)
    sent = deliveries.proofs(session, claim.company_id, mail.references)
    answered = next((sent[each] for each in mail.references if each in sent), None)
    if proof is None or answered is None:
        return proof or answered
    # Older mails about notes went out with the address for public answers, and programs may leave the address out.
    return replace(proof, internal=proof.internal or (answered.internal and answered.ticket_id == proof.ticket_id))


def _is_too_much(session: Session, intake: Intake, claim: Claim, reading: Reading, proof: Proof | None) -> bool:
    """Return whether an automatic mail is one too many: two programs that answer each other must come to an end."""
    if reading.kind is MailKind.HUMAN or claim.is_retried:
        return False
    ticket_id = proof.ticket_id if proof else None
    lately = inbound_mails.automatic_lately(session, claim.company_id, reading.mail.sender, ticket_id)
    return lately >= intake.automatic_per_hour


def _person(session: Session, company_id: int, address: str) -> Person | None:
    named = {company_id: Named(addresses={address.lower()})}
    return people.find(session, named)[company_id].with_address(address)
