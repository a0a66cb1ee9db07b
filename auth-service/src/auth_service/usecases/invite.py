"""Invite people to a company, and take invitations back."""

from dataclasses import dataclass, field

from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.invitation import VALID, Invitation, InvitationNotFound, check_number
from auth_service.domain.opaque_token import INVITATION, new_token, token_hash
from auth_service.domain.user import EmailTaken
from auth_service.store import invitations, users
from auth_service.usecases.change_companies import lock_company


@dataclass(frozen=True)
class Issued:
    """An invitation with its token, which is shown once."""

    invitation: Invitation
    token: str = field(repr=False)


def invite(
    session: Session,
    company_id: int,
    *,
    email: str,
    email_key: bytes,
    role: str,
    invited_by: str,
    cause: Cause,
    idempotency_key: IdempotencyKey[Issued],
) -> Issued:
    """Invite an address; an earlier open invitation of the address is revoked.

    Whether another company has a user of that address isn't revealed: joining fails then. Raises EmailTaken for a user
    of this company, TooManyInvitations, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        lock_company(session, company_id, cause)
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
        issued = Issued(invitation, token)
        idempotency_key.store(session, issued)
    return issued


def revoke(session: Session, company_id: int, invitation_id: int) -> None:
    """Revoke an open invitation; raise InvitationNotFound."""
    with session.begin():
        if not invitations.revoke(session, company_id, invitation_id):
            raise InvitationNotFound
