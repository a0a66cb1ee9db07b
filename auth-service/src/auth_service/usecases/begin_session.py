"""Begin a session of a person who has proved who they are."""

from dataclasses import dataclass
from uuid import uuid4

from service_kit.identity import Caller
from sqlalchemy.orm import Session

from auth_service.domain.opaque_token import REFRESH, new_token, token_hash
from auth_service.domain.session import UserSession, idle_expiry, session_expiry
from auth_service.domain.user import User
from auth_service.store import sessions, users


@dataclass(frozen=True)
class Client:
    """Where a person signs in: the device as the browser names it, and the address as the gateway saw it."""

    device: str
    address: str


@dataclass(frozen=True)
class SignedIn:
    """A person with a session, and the session's newest refresh token."""

    user: User
    session: UserSession
    refresh_token: str

    @property
    def caller(self) -> Caller:
        """Return the caller for the access token."""
        user = self.user
        session = str(self.session.id)
        return Caller(user.company_id, user.role, user.subject, user.username, session=session, email=user.email)


def begin_session(session: Session, user: User, client: Client) -> SignedIn:
    """Begin a session of a locked user in the caller's transaction. Each sign-in begins another one."""
    now = sessions.now(session)
    begun = UserSession(
        company_id=user.company_id,
        id=uuid4(),
        user_id=user.id,
        device=client.device,
        address=client.address,
        created_at=now,
        last_used_at=now,
        expires_at=session_expiry(now),
        ended_at=None,
        end_reason=None,
    )
    token = new_token(REFRESH)
    sessions.add(session, begun)
    sessions.add_token(session, begun, token_hash(token), idle_expiry(now, begun.expires_at))
    return SignedIn(users.mark_login(session, user), begun, token)
