"""Show sessions to those who may see them, and end them."""

from uuid import UUID

from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from auth_service.domain.session import EndReason, SessionNotFound, UserSession
from auth_service.store import sessions, users
from auth_service.usecases.end_sessions import end_session, end_sessions


def get_session(session: Session, company_id: int, session_id: UUID, *, of: int | None) -> UserSession:
    """Return a session that has not ended, of the user `of` (None: of any); raise SessionNotFound."""
    found = sessions.find(session, company_id, session_id)
    if found is None or (of is not None and found.user_id != of):
        raise SessionNotFound
    return found


def end_one(
    session: Session, company_id: int, session_id: UUID, *, of: int | None, precondition: Precondition[UserSession]
) -> None:
    """End a session of the user `of` (None: of any user of the company); raise SessionNotFound, PreconditionFailed."""
    with session.begin():
        sessions.lock(session, company_id, session_id)
        precondition.check(get_session(session, company_id, session_id, of=of))
        end_session(session, company_id, session_id, EndReason.ENDED)


def end_others(session: Session, company_id: int, user_id: int, *, except_id: UUID | None) -> None:
    """End a user's sessions but `except_id`."""
    with session.begin():
        user = users.find(session, company_id, user_id)
        if user is not None:
            end_sessions(session, user, EndReason.ENDED, except_id=except_id)
