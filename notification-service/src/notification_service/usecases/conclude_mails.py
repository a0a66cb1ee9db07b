"""Decide what becomes of mails that were read, and store it, with their events where they are published."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from eventbus.event import Event
from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from notification_service import events
from notification_service.domain.inbound import MailState, content_key
from notification_service.domain.mail.message import MailKind, Unreadable
from notification_service.domain.mail.read_mail import Reading
from notification_service.domain.mail.threads import Proof, ReplyTags
from notification_service.domain.people import People
from notification_service.store import deliveries, mail_reading, people
from notification_service.store.mail_reading import Claim, Outcome
from notification_service.store.people import Named
from notification_service.usecases.note_bounce import note_bounce

MAX_REASON_CHARACTERS = 500
ReadClaim = tuple[Claim, Reading]


@dataclass
class _Known:
    """The rows of the database about a batch of mails, and the additions of the batch itself."""

    first: dict[tuple[int, bytes], int]
    """The published mails, by company and content key."""
    people: dict[int, People]
    sent: dict[int, dict[str, Proof]]
    """The tickets of mails that went out, by company and Message-ID."""
    automatic: Counter[tuple[int, str, int | None]] = field(default_factory=Counter)
    """How many automatic mails of this batch are published, by company, sender and proven ticket."""


@dataclass(frozen=True)
class Conclusions:
    """Concludes mails in the caller's transaction."""

    tags: ReplyTags
    automatic_per_hour: int

    def store(self, session: Session, results: Sequence[tuple[Claim, Reading | Unreadable]]) -> None:
        """Store the outcomes of mails and their events; those that another process has concluded are left out."""
        if not results:
            return
        ready = {(each.company_id, each.id) for each in mail_reading.lock(session, [claim for claim, _ in results])}
        results = [each for each in results if (each[0].company_id, each[0].id) in ready]
        known = _look_up(session, [(claim, read) for claim, read in results if isinstance(read, Reading)])
        outcomes: list[Outcome] = []
        published: list[Event] = []
        for claim, read in results:
            if isinstance(read, Unreadable):
                outcomes.append(Outcome(claim.company_id, claim.id, MailState.PARKED, str(read)))
                continue
            outcome, proof = self._outcome(session, claim, read, known)
            outcomes.append(outcome)
            if outcome.state is MailState.PUBLISHED:
                published.append(_event(claim, read, proof, known))
        if outcomes:
            mail_reading.conclude(session, outcomes)
        outbox.add_all(session, published)

    def _outcome(self, session: Session, claim: Claim, reading: Reading, known: _Known) -> tuple[Outcome, Proof | None]:
        """Return what becomes of a mail, and the ticket that it proves to answer."""
        mail, company_id = reading.mail, claim.company_id
        values: dict[str, Any] = {
            "company_id": company_id,
            "id": claim.id,
            "kind": reading.kind,
            "message_id": mail.message_id,
            "sender": mail.sender,
            "subject": mail.subject,
        }
        if reading.kind is MailKind.LOOP:
            return Outcome(**values, state=MailState.IGNORED, reason="this system has sent it"), None
        if reading.kind is MailKind.BOUNCE:
            return Outcome(**values, state=MailState.BOUNCE, reason=note_bounce(session, company_id, reading)), None
        key = content_key(mail, claim.sha256)
        first = known.first.get((company_id, key))
        if first is not None:
            return Outcome(**values, state=MailState.DUPLICATE, reason=f"the same as the mail {first}"), None
        proof = self._proof(claim, reading, known.sent[company_id])
        values |= {"content_key": key, "proven_ticket_id": proof.ticket_id if proof else None}
        if self._is_too_much(session, claim, reading, proof, known):
            reason = f"more than {self.automatic_per_hour} automatic mails of the address in an hour"
            return Outcome(**values, state=MailState.PARKED, reason=reason), proof
        known.first[company_id, key] = claim.id
        reason = "; ".join(mail.faults)[:MAX_REASON_CHARACTERS]
        return Outcome(**values, state=MailState.PUBLISHED, reason=reason), proof

    def _proof(self, claim: Claim, reading: Reading, sent: dict[str, Proof]) -> Proof | None:
        """Return the ticket that a mail proves to answer: by a signed address or id, else by a mail sent from here."""
        mail = reading.mail
        proof = self.tags.proof(claim.company_id, (claim.recipient, *mail.recipients), mail.references)
        answered = next((sent[each] for each in mail.references if each in sent), None)
        if proof is None or answered is None:
            return proof or answered
        # Older mails about notes went out with the address for public answers, and programs may leave it out.
        is_note = answered.internal and answered.ticket_id == proof.ticket_id
        return replace(proof, internal=proof.internal or is_note)

    def _is_too_much(
        self, session: Session, claim: Claim, reading: Reading, proof: Proof | None, known: _Known
    ) -> bool:
        """Return whether an automatic mail is one too many: programs that answer each other must come to an end."""
        if reading.kind is MailKind.HUMAN:
            return False
        key = (claim.company_id, reading.mail.sender, proof.ticket_id if proof else None)
        if not claim.is_retried:
            lately = mail_reading.automatic_lately(session, *key) + known.automatic[key]
            if lately >= self.automatic_per_hour:
                return True
        known.automatic[key] += 1
        return False


def _look_up(session: Session, read: Sequence[ReadClaim]) -> _Known:
    """Return the rows of the database about mails; their content keys are locked until the transaction ends."""
    counted = [each for each in read if each[1].kind in (MailKind.HUMAN, MailKind.AUTOMATIC)]
    wanted = [(claim.company_id, content_key(reading.mail, claim.sha256)) for claim, reading in counted]
    named: defaultdict[int, Named] = defaultdict(Named)
    references: defaultdict[int, dict[str, None]] = defaultdict(dict)
    for claim, reading in counted:
        named[claim.company_id].addresses.add(reading.mail.sender.lower())
        references[claim.company_id] |= dict.fromkeys(reading.mail.references)
    first = mail_reading.first_with(session, wanted) if wanted else {}
    sent = {
        company_id: deliveries.proofs(session, company_id, list(ids)) if ids else {}
        for company_id, ids in references.items()
    }
    return _Known(first, people.find(session, named), sent)


def _event(claim: Claim, reading: Reading, proof: Proof | None, known: _Known) -> Event:
    return events.mail_received(
        claim.company_id,
        claim.id,
        reading,
        mailbox=claim.mailbox,
        received_at=claim.received_at,
        proof=proof,
        person=known.people[claim.company_id].with_address(reading.mail.sender),
        cause=Cause(claim.request_id),
    )
