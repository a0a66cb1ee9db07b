"""Decide what becomes of the mail of a text that a company's program sends to a person."""

from sqlalchemy.orm import Session

from notification_service.domain.kinds import Kind
from notification_service.domain.mail_rules import MailRules, MailState
from notification_service.domain.people import Person
from notification_service.domain.preferences import Channel, preferences_of
from notification_service.store import own_text_mails, people


def permit_mail(
    session: Session, company_id: int, person: Person, rules: MailRules, *, has_server: bool, is_asked: bool = False
) -> MailState:
    """Return `queued` for a mail that may be sent, counted among the company's mails of the day; else why none is.

    `is_asked` says that the person has asked for this mail, whatever the preferences.
    """
    if not has_server:
        return MailState.NO_MAIL_SERVER
    wishes = preferences_of(people.document(session, company_id, person.user_id))
    if not is_asked and not wishes.wants(Kind.MESSAGE, Channel.EMAIL):
        return MailState.NOT_WANTED
    if not rules.may_mail(company_id, is_confirmed=person.email_confirmed):
        return MailState.ADDRESS_NOT_CONFIRMED
    if not rules.trusts(company_id) and not own_text_mails.take(session, company_id, rules.mails_per_day):
        return MailState.LIMITED
    return MailState.QUEUED
