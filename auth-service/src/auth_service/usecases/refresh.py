"""Exchange a refresh token for the next one, and end a session by its token."""

from dataclasses import dataclass
from uuid import UUID

from outbound_kit.sealing import Sealer
from service_kit.database.engine import Database
from service_kit.telemetry.logs import get_logger
from sqlalchemy.orm import Session

from auth_service.domain.opaque_token import REFRESH, is_token, new_token, token_hash
from auth_service.domain.session import Answer, EndReason, RefreshToken, UserSession, answer_to, idle_expiry
from auth_service.store import sessions, users
from auth_service.usecases.begin_session import SignedIn
from auth_service.usecases.end_sessions import end_session

SUCCESSOR = "successor of a refresh token"

log = get_logger(__name__)


class RefreshRefused(Exception):
    """The refresh token is unknown, used, expired or of an ended session; no answer reveals which."""

    def __init__(self) -> None:
        super().__init__("The refresh token is not valid; log in again.")


@dataclass(frozen=True)
class Refresh:
    """Exchanges refresh tokens. A session's tokens are used one after another, whatever arrives at the same time."""

    database: Database

    def exchange(self, token: str) -> SignedIn:
        """Return the person with the next refresh token; raise RefreshRefused.

        A token presented twice within seconds gets the same successor. Presented later, it ends the session: somebody
        else has a copy.
        """
        place = self._find(token)
        if place is None:
            raise RefreshRefused
        company_id, session_id = place
        with self.database.session(company_id) as session, session.begin():
            of = sessions.lock(session, company_id, session_id)
            presented = sessions.find_token(session, company_id, token_hash(token))
            exchanged = None if of is None or presented is None else _exchange(session, of, presented, token)
        # Raised after the commit: a session that ends because of this token must stay ended.
        if exchanged is None:
            raise RefreshRefused
        return exchanged

    def log_out(self, token: str) -> None:
        """End the session of a refresh token, if there is one."""
        place = self._find(token)
        if place is not None:
            company_id, session_id = place
            with self.database.session(company_id) as session, session.begin():
                end_session(session, company_id, session_id, EndReason.LOGOUT)

    def _find(self, token: str) -> tuple[int, UUID] | None:
        if not is_token(token, REFRESH):
            return None
        with self.database.session() as session:
            return sessions.find_by_token(session, token_hash(token))


def _exchange(session: Session, of: UserSession, presented: RefreshToken, token: str) -> SignedIn | None:
    user = users.find(session, of.company_id, of.user_id)
    if user is None or not user.is_active:
        return None
    now = sessions.now(session)
    successor = _successor(presented, token)
    answer = answer_to(of, presented, successor_used=_is_used(session, of, successor), now=now)
    if answer is Answer.REPEAT and successor is not None:
        return SignedIn(user, of, successor)
    if answer is Answer.ROTATE:
        successor = new_token(REFRESH)
        sealed = Sealer(token.encode()).seal(successor.encode(), SUCCESSOR)
        if sessions.use_token(session, of.company_id, token_hash(token), sealed, now):
            sessions.add_token(session, of, token_hash(successor), idle_expiry(now, of.expires_at))
            sessions.mark_used(session, of, now)
            return SignedIn(user, of, successor)
    if answer is Answer.KILL:
        end_session(session, of.company_id, of.id, EndReason.REUSE)
        log.warning("refresh token reused, session ended", company_id=of.company_id, user_id=user.id)
    return None


def _successor(presented: RefreshToken, token: str) -> str | None:
    """Return the token that was given for this one. Only who presents this one can read it."""
    if presented.successor_sealed is None:
        return None
    return Sealer(token.encode()).unseal(presented.successor_sealed, SUCCESSOR).decode()


def _is_used(session: Session, of: UserSession, successor: str | None) -> bool:
    if successor is None:
        return False
    found = sessions.find_token(session, of.company_id, token_hash(successor))
    return found is None or found.used_at is not None
