"""Invite people to a company, and take invitations back."""

from dataclasses import dataclass, field

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.guard import GuardKeys
from auth_service.domain.invitation import VALID, Invitation, InvitationNotFound, check_number
from auth_service.domain.opaque_token import INVITATION, new_token, token_hash
from auth_service.domain.user import EmailTaken
from auth_service.events import user_invited
from auth_service.store import invitations, users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.guard_tries import Guard
from auth_service.usecases.refuse_duplicate import refuse_duplicate


@dataclass(frozen=True)
class Issued:
    """An invitation with its token, which is shown once."""

    invitation: Invitation
    token: str = field(repr=False)


@dataclass(frozen=True)
class InvitationMails:
    """Decides whether an invitation is mailed; the inviter has its token in any case."""

    guard: Guard
    guard_keys: GuardKeys

    def admit(self, company_id: int, email_key: bytes) -> bool:
        """Count an invitation; return whether its mail is within the limits. Raises HashingBusy."""
        counters = self.guard_keys.of_invitation(company_id, email_key)
        admitted = self.guard.count(counters).admitted
        if admitted:
            self.guard.fail(counters)  # every mail counts
        return admitted


def invite(
    session: Session,
    company_id: int,
    *,
    mails: InvitationMails,
    email: str,
    email_key: bytes,
    role: str,
    invited_by: str,
    cause: Cause,
    idempotency_key: IdempotencyKey[Issued],
) -> Issued:
    """Invite an address and publish `user.invited`; an earlier open invitation of the address is revoked.

    Beyond the limits of mails nothing is published, and the token that the inviter is shown is the only one.
    Whether another company has a user of that address isn't revealed: joining fails then. Raises EmailTaken for a user
    of this company, TooManyInvitations, and Replayed for a repeated Idempotency-Key.
    """
    refuse_duplicate(session, idempotency_key)  # a repeated request is no further mail
    is_mailed = mails.admit(company_id, email_key)
    with session.begin():
        idempotency_key.claim(session)
        company = lock_company(session, company_id, cause)
        place = users.find_company(session, email_key)
        if place is not None and place[0] == company_id:
            raise EmailTaken
        check_number(invitations.count_open(session, company_id))
        token = new_token(INVITATION)
        invitation = invitations.add(
            session,
            company_id,
            email=email,
            email_key=email_key,
            role=role,
            token_hash=token_hash(token),
            invited_by=invited_by,
            valid=VALID,
        )
        if is_mailed:
            outbox.add(session, user_invited(invitation, company, cause))
        issued = Issued(invitation, token)
        idempotency_key.store(session, issued)
    return issued


def make_mailed_token(
    session: Session, company_id: int, invitation_id: int, *, idempotency_key: IdempotencyKey[Issued]
) -> Issued:
    """Make the token that a mail brings, in place of an earlier mail's; the one that the inviter has stays valid.

    Raises InvitationNotFound, also for one that isn't open, and Replayed for a repeated Idempotency-Key.
    """
    token = new_token(INVITATION)
    with session.begin():
        idempotency_key.claim(session)
        invitation = invitations.set_mailed_token(session, company_id, invitation_id, token_hash(token))
        if invitation is None:
            raise InvitationNotFound
        issued = Issued(invitation, token)
        idempotency_key.store(session, issued)
    return issued


def revoke(session: Session, company_id: int, invitation_id: int) -> None:
    """Revoke an open invitation; raise InvitationNotFound."""
    with session.begin():
        if not invitations.revoke(session, company_id, invitation_id):
            raise InvitationNotFound
