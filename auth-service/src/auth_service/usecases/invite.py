"""Invite people to a company, and take invitations back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.guard import GuardKeys
from auth_service.domain.invitation import (
    MAX_PER_ADDRESS,
    VALID,
    Invitation,
    InvitationLimits,
    InvitationNotFound,
    InvitationOpen,
    check_number,
    check_pace,
)
from auth_service.domain.opaque_token import INVITATION, new_token, token_hash
from auth_service.domain.user import EmailTaken, user_id_of
from auth_service.events import user_invited
from auth_service.store import invitations, proven_addresses, users
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
    """Limits the mails by which all companies together invite one address."""

    guard: Guard
    guard_keys: GuardKeys

    @contextmanager
    def counted(self, email_key: bytes) -> Iterator[bool]:
        """Yield whether an address may get another mail; it counts unless the block raises. Raises HashingBusy."""
        counter = self.guard_keys.of_invited_address(email_key)
        if not self.guard.count(counter).admitted:
            yield False
            return
        try:
            yield True
        except BaseException:
            self.guard.take_back(counter)  # nothing is mailed, so that refusals don't use up the address's mails
            raise
        self.guard.fail(counter)


def invite(
    session: Session,
    company_id: int,
    *,
    mails: InvitationMails,
    limits: InvitationLimits,
    email: str,
    email_key: bytes,
    role: str,
    invited_by: str,
    cause: Cause,
    idempotency_key: IdempotencyKey[Issued],
) -> Issued:
    """Invite an address and publish `user.invited`.

    Where companies have mailed the address too often today nothing is published, and the token that the inviter is
    shown is the only one: a refusal would reveal the other companies. Whether another company has a user of that
    address isn't revealed either: joining fails then. Raises EmailTaken for a user of this company, InvitationOpen,
    TooManyInvitations, InvitationsUsedUp, and Replayed for a repeated Idempotency-Key.
    """
    refuse_duplicate(session, idempotency_key)  # a repeated request is no further mail
    with mails.counted(email_key) as is_mailed, session.begin():
        idempotency_key.claim(session)
        company = lock_company(session, company_id, cause)
        _check(session, company_id, email_key, limits)
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
            outbox.add(session, user_invited(invitation, company, _proven_email(session, invitation), cause))
        issued = Issued(invitation, token)
        idempotency_key.store(session, issued)
    return issued


def _check(session: Session, company_id: int, email_key: bytes, limits: InvitationLimits) -> None:
    place = users.find_company(session, email_key)
    if place is not None and place[0] == company_id:
        raise EmailTaken(is_elsewhere=False)
    if invitations.has_open(session, company_id, email_key):
        raise InvitationOpen
    check_number(invitations.count_open(session, company_id), limits)
    check_pace(
        limits,
        hourly=invitations.age(session, company_id, number=limits.per_hour),
        daily=invitations.age(session, company_id, number=limits.per_day),
        of_address=invitations.age(session, company_id, number=MAX_PER_ADDRESS, email_key=email_key),
    )


def _proven_email(session: Session, invitation: Invitation) -> str | None:
    """Return the inviter's address if a token mailed there has proved it; None without, and for a program."""
    user_id = user_id_of(invitation.invited_by)
    return None if user_id is None else proven_addresses.find(session, invitation.company_id, user_id)


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
