"""Send a notification of a program to a person."""

from dataclasses import dataclass
from uuid import uuid4

from company_kit import audit
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from notification_service.domain.delivery import MessageIds
from notification_service.domain.kinds import Kind, Words
from notification_service.domain.mail_rules import REASONS, MailRules, MailState
from notification_service.domain.people import Person
from notification_service.domain.template import BadTemplate, Context, is_of_events
from notification_service.domain.texts import fault_of_line, one_line
from notification_service.ports import Renderer
from notification_service.store import notifications, people, templates
from notification_service.store.people import Named
from notification_service.usecases.change_templates import render_given
from notification_service.usecases.notify import Occasion, notify
from notification_service.usecases.permit_mail import permit_mail

LIMIT_SECONDS = 60


class PersonNotFound(Exception):
    """The company has no active person with that address."""


class TooManySent(Exception):
    """The sender has reached its limit for a minute."""

    retry_after_seconds = LIMIT_SECONDS


@dataclass(frozen=True)
class Sending:
    """A notification to send: to whom, of which type, with which values, and who sends it."""

    company_id: int
    user_email: str
    notification_type: str
    values: Context
    sender: str


@dataclass(frozen=True)
class Sent:
    """The effect of a sending; `notification_id` is None where the person wants such notifications by no channel."""

    notification_id: int | None
    user_id: int
    words: Words
    mail: MailState = MailState.QUEUED


def send_notification(
    session: Session,
    sending: Sending,
    *,
    renderer: Renderer,
    message_ids: MessageIds | None,
    per_minute: int,
    rules: MailRules,
    idempotency_key: IdempotencyKey[Sent],
) -> Sent:
    """Store a notification, queue its mail where it may be sent, and return what came of it.

    Raises BadTemplate, PersonNotFound, TooManySent, Replayed for a repeated Idempotency-Key.
    """
    company_id = sending.company_id
    with session.begin():
        idempotency_key.claim(session)
        check_limit(session, company_id, sending.sender, per_minute)
        person = _person(session, sending)
        words = _words(session, sending, renderer)
        mail = permit_mail(session, company_id, person, rules, has_server=message_ids is not None)
        facts = {"subject": words.subject, "message": words.message}
        occasion = Occasion(
            company_id,
            None,
            f"send:{uuid4()}",
            {person.user_id: sending.notification_type},
            facts,
            sender=sending.sender,
            suppressed=REASONS.get(mail, ""),
        )
        added = notify(session, [occasion], message_ids)
        sent = Sent(added[0].id if added else None, person.user_id, words, mail)
        audit.add(
            session, company_id, "notification.sent", record="notification", record_id=sent.notification_id or "none"
        )
        idempotency_key.store(session, sent)
    return sent


def check_limit(session: Session, company_id: int, sender: str, per_minute: int) -> None:
    """Raise TooManySent where a sender has reached the limit; others of the same sender wait for the commit."""
    if notifications.sent_lately(session, company_id, sender, LIMIT_SECONDS) >= per_minute:
        raise TooManySent(f"at most {per_minute} notifications a minute")


def _person(session: Session, sending: Sending) -> Person:
    named = {sending.company_id: Named(addresses={sending.user_email.lower()})}
    found = people.find(session, named)[sending.company_id].with_address(sending.user_email)
    if found is None:
        raise PersonNotFound("the company has no active person with that address")
    return found


def _words(session: Session, sending: Sending, renderer: Renderer) -> Words:
    """Return the texts, from the company's template or, for the type `message`, as the values give them."""
    if is_of_events(sending.notification_type):
        raise BadTemplate("notification_type", "This type is for events alone.")
    template = templates.of_type(session, sending.company_id, sending.notification_type)
    if template is not None:
        words = render_given(renderer, template.subject, template.body, sending.values)
    elif sending.notification_type == Kind.MESSAGE:
        subject = _text(sending, "subject").strip()
        if fault := fault_of_line(subject):
            raise BadTemplate("context_data.subject", fault)
        words = Words(one_line(subject), _text(sending, "message"))
    else:
        raise BadTemplate("notification_type", "There is no template for it: POST /api/notification-templates.")
    for field, text in (("context_data.subject", words.subject), ("context_data.message", words.message)):
        if not text.strip():
            raise BadTemplate(field, "Must not be blank.")
    return words


def _text(sending: Sending, name: str) -> str:
    value = sending.values.get(name)
    return "" if value is None else str(value)
