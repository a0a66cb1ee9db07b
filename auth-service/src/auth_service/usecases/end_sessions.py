"""End sessions, and make their access tokens invalid within seconds, before they expire."""

from uuid import UUID

from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from auth_service.domain.session import EndReason
from auth_service.domain.user import User
from auth_service.store import invitations, revocations, sessions

log = get_logger(__name__)


def end_session(session: Session, company_id: int, session_id: UUID, reason: EndReason) -> bool:
    """End one session in the caller's transaction; return whether it was alive."""
    ended = sessions.end(session, company_id, session_id, reason)
    if ended:
        revocations.add(session, company_id, revocations.SESSION, [str(session_id)])
    return ended


def end_sessions(session: Session, user: User, reason: EndReason, *, except_id: UUID | None = None) -> int:
    """End a user's sessions but `except_id` in the caller's transaction; return how many were alive."""
    ended = sessions.end_all(session, user.company_id, user.id, reason, except_id=except_id)
    revocations.add(session, user.company_id, revocations.SESSION, ended)
    log.info("sessions ended", company_id=user.company_id, user_id=user.id, reason=reason, number=len(ended))
    return len(ended)


def verify_keys_again(session: Session, user: User) -> None:
    """Let the gateway ask again about the API keys of a user with another role, in the caller's transaction.

    Open invitations end: a former admin's would still make admins.
    """
    invitations.revoke_of(session, user.company_id, user.subject)
    revocations.add(session, user.company_id, revocations.ROLE, [user.subject])


def revoke_user(session: Session, user: User) -> None:
    """Revoke whatever acts for a user who is deactivated or deleted, in the caller's transaction.

    API keys and open invitations are among it: a person who left could come back by an invitation of their own.
    """
    invitations.revoke_of(session, user.company_id, user.subject)
    revocations.add(session, user.company_id, revocations.USER, [user.subject])
