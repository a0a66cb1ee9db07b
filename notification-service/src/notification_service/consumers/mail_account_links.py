"""The events of accounts that ask for a mail: queue it. The token of its link is made right before sending."""

from collections.abc import Sequence
from dataclasses import dataclass

from eventbus.consumer import Consumer
from eventbus.subscription import Delivery
from sqlalchemy.orm import Session

from notification_service.dependencies import Dependencies
from notification_service.domain.account_mail import NO_USER, AccountMail
from notification_service.domain.mail_rules import MailRules
from notification_service.usecases.queue_account_mails import AccountOccasion, queue_account_mails


@dataclass(frozen=True)
class ResetRequested:
    """The fields of `user.password.reset.requested` that this service uses."""

    user_id: int


@dataclass(frozen=True)
class VerificationRequested:
    """The fields of `user.email.verification.requested` that this service uses."""

    user_id: int
    email: str


@dataclass(frozen=True)
class EmailChanged:
    """The fields of `user.email.changed` that this service uses."""

    user_id: int
    old_email: str
    new_email: str
    changed_at: str
    old_email_confirmed: bool = True


@dataclass(frozen=True)
class Invited:
    """The fields of `user.invited` that this service uses."""

    invitation_id: int
    email: str
    role: str
    company_name: str
    inviter_email: str | None = None


AccountEvent = ResetRequested | VerificationRequested | EmailChanged | Invited
VIEWS: dict[str, type[AccountEvent]] = {
    "user.password.reset.requested": ResetRequested,
    "user.email.verification.requested": VerificationRequested,
    "user.email.changed": EmailChanged,
    "user.invited": Invited,
}


def apply(session: Session, batch: Sequence[Delivery[AccountEvent]], deps: Dependencies) -> None:
    """Queue a mail for each event; a notice, which names an address that a person has chosen, for proved ones alone."""
    wanted = [each for each in batch if _may_mail(each, deps.mail_rules)]
    queue_account_mails(session, [_occasion(each) for each in wanted], deps.message_ids)


def _may_mail(delivery: Delivery[AccountEvent], rules: MailRules) -> bool:
    event = delivery.body
    return not isinstance(event, EmailChanged) or rules.may_mail(
        delivery.envelope.company_id, is_confirmed=event.old_email_confirmed
    )


def _occasion(delivery: Delivery[AccountEvent]) -> AccountOccasion:
    company_id, cause = delivery.envelope.company_id, delivery.envelope.id
    match delivery.body:
        case ResetRequested(user_id):
            return AccountOccasion(company_id, user_id, AccountMail.PASSWORD_RESET, cause)
        case VerificationRequested(user_id, email):
            return AccountOccasion(company_id, user_id, AccountMail.EMAIL_VERIFICATION, cause, email)
        case EmailChanged(user_id, old_email, new_email, changed_at, _):
            facts = {"new_email": new_email, "changed_at": changed_at}
            return AccountOccasion(company_id, user_id, AccountMail.EMAIL_CHANGED, cause, old_email, facts)
        case Invited(invitation_id, email, role, company_name, inviter_email):
            facts = {
                "invitation_id": invitation_id,
                "role": role,
                "company_name": company_name,
                "inviter_email": inviter_email,
            }
            return AccountOccasion(company_id, NO_USER, AccountMail.INVITATION, cause, email, facts)


CONSUMER: Consumer[AccountEvent, Dependencies] = Consumer(
    list(VIEWS), view=VIEWS, apply=apply, queue="mail-account-links"
)
