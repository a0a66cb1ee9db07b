"""Send a mail of a template to the person who asks for it."""

from dataclasses import dataclass
from uuid import uuid4

from company_kit import audit
from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from notification_service.domain.delivery import MessageIds, NoMailServer
from notification_service.domain.kinds import Kind
from notification_service.domain.mail_rules import AddressNotConfirmed, MailRules, MailState, MailsUsedUp
from notification_service.domain.notification import NewNotification
from notification_service.domain.people import Person
from notification_service.domain.preferences import NoPerson
from notification_service.domain.template import EVENT_VARIABLES, Context, is_of_events
from notification_service.ports import Renderer
from notification_service.store import deliveries, notifications, own_text_mails, people
from notification_service.store.deliveries import NewDelivery
from notification_service.store.people import Named
from notification_service.usecases.change_templates import get_template, render_given
from notification_service.usecases.permit_mail import permit_mail
from notification_service.usecases.send_notification import Sent, check_limit

SAMPLE = {"subject": "The standard subject", "message": "The standard text.", "ticket_id": 42}
"""The values of a template for events where the caller gives none."""


@dataclass(frozen=True)
class TemplateTest:
    """A mail to send: of which template, with which values, to whom."""

    company_id: int
    template_id: int
    values: Context
    user_id: int
    sender: str


def send_template_test(
    session: Session,
    test: TemplateTest,
    *,
    renderer: Renderer,
    message_ids: MessageIds | None,
    per_minute: int,
    rules: MailRules,
    idempotency_key: IdempotencyKey[Sent],
) -> Sent:
    """Queue a mail of a template, which the app doesn't show, and return what came of it.

    Raises TemplateNotFound, BadTemplate, NoPerson, NoMailServer, AddressNotConfirmed, MailsUsedUp, TooManySent,
    Replayed for a repeated Idempotency-Key.
    """
    company_id, user_id = test.company_id, test.user_id
    with session.begin():
        idempotency_key.claim(session)
        template = get_template(session, company_id, test.template_id)
        if message_ids is None:
            raise NoMailServer
        check_limit(session, company_id, test.sender, per_minute)
        person = people.find(session, {company_id: Named(ids={user_id})})[company_id].of(user_id)
        if person is None:
            raise NoPerson
        kind = template.notification_type
        of_events = {**dict.fromkeys(EVENT_VARIABLES), **SAMPLE, "kind": kind} if is_of_events(kind) else {}
        words = render_given(renderer, template.subject, template.body, {**of_events, **test.values})
        _permit(session, company_id, person, rules)
        cause = f"test:{uuid4()}"
        new = NewNotification(
            company_id,
            user_id,
            Kind.MESSAGE,
            cause,
            ticket_id=None,
            is_shown=False,
            is_mailed=True,
            facts={"subject": words.subject, "message": words.message},
            sender=test.sender,
        )
        (added,) = notifications.add(session, [new])
        message_id = message_ids.of(company_id, cause, user_id)
        deliveries.add(session, [NewDelivery(company_id, added.id, user_id, cause, message_id, added.created_at)])
        sent = Sent(added.id, user_id, words)
        audit.add(session, company_id, "notification.sent", record="notification", record_id=added.id)
        idempotency_key.store(session, sent)
    return sent


def _permit(session: Session, company_id: int, person: Person, rules: MailRules) -> None:
    match permit_mail(session, company_id, person, rules, has_server=True, is_asked=True):
        case MailState.ADDRESS_NOT_CONFIRMED:
            raise AddressNotConfirmed
        case MailState.LIMITED:
            raise MailsUsedUp(own_text_mails.seconds_left(session))
