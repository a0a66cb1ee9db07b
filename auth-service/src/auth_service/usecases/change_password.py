"""Change a password: by the current one, or by a link that an admin or a mail handed over."""

from dataclasses import dataclass
from uuid import UUID

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.adapters.passwords import PasswordHasher
from auth_service.domain.credentials import WrongPassword
from auth_service.domain.guard import GuardKeys
from auth_service.domain.opaque_token import is_token, new_token, token_hash
from auth_service.domain.password import BadPassword, accepted, normalized
from auth_service.domain.password_reset import LIFETIME, RESET, PendingReset, ResetLink, ResetRefused, UserInactive
from auth_service.domain.session import EndReason
from auth_service.domain.user import User, UserNotFound
from auth_service.events import user_updated
from auth_service.store import (
    api_keys,
    companies,
    email_changes,
    identities,
    password_resets,
    proven_addresses,
    revocations,
    users,
)
from auth_service.usecases.check_password import PasswordCheck
from auth_service.usecases.end_sessions import end_sessions
from auth_service.usecases.guard_tries import Guard


def make_reset_link(
    session: Session,
    company_id: int,
    user_id: int,
    *,
    created_by: str,
    is_mailed: bool = False,
    idempotency_key: IdempotencyKey[ResetLink],
) -> ResetLink:
    """Make a link by which a user sets a new password, in place of earlier ones.

    One that `is_mailed` to the user's address proves the address when it is used. Raises UserNotFound, UserInactive,
    and Replayed for a repeated Idempotency-Key.
    """
    token = new_token(RESET)
    with session.begin():
        idempotency_key.claim(session)
        user = users.lock(session, company_id, user_id)
        if user is None:
            raise UserNotFound
        if user.is_machine:
            raise UserInactive("a program of this system acts by this account; it has no password")
        if not user.is_active:
            raise UserInactive("the user may not sign in; activate the account first")
        expires_at = password_resets.add(
            session,
            company_id,
            user_id,
            token_hash=token_hash(token),
            password_version=user.password_version,
            created_by=created_by,
            is_mailed=is_mailed,
            lifetime=LIFETIME,
        )
        link = ResetLink(token, user_id, user.email, expires_at)
        idempotency_key.store(session, link)
    return link


@dataclass(frozen=True)
class PasswordChange:
    """Changes passwords. Hashes are computed between transactions, never inside one."""

    database: Database
    passwords: PasswordHasher
    password_check: PasswordCheck
    guard: Guard
    guard_keys: GuardKeys

    def change(
        self,
        session: Session,
        company_id: int,
        user_id: int,
        current: str,
        new: str,
        *,
        keep: UUID | None,
        cause: Cause,
        idempotency_key: IdempotencyKey[None],
    ) -> None:
        """Change a password by the current one, and end all sessions but `keep`.

        Raises BadPassword, WrongPassword, NoPassword, UserNotFound, TooManyTries, HashingBusy, Replayed.
        """
        if accepted(new, field="new_password") == normalized(current, field="current_password"):
            raise BadPassword("This is the current password.", "new_password")
        before = self.password_check.check(company_id, user_id, current, field="current_password")
        encoded = self.passwords.hash(new, field="new_password", personal=self._known_of(company_id, user_id))
        with session.begin():
            idempotency_key.claim(session)
            user = users.lock(session, company_id, user_id)
            if user is None or user.password_version != before.password_version:
                raise WrongPassword("current_password")
            self._set(session, user, encoded, cause, keep=keep)
            idempotency_key.store(session, None)

    def reset(self, token: str, new: str, *, address: str, cause: Cause) -> None:
        """Set a new password by a link's token; all sessions, API keys and identities of its user end.

        A token proves itself: no earlier step is trusted. Raises BadPassword, ResetRefused, TooManyTries, HashingBusy.
        """
        accepted(new, field="new_password")
        with self.guard.counted(self.guard_keys.of_network(address)):
            pending = self._find(token)
            encoded = self.passwords.hash(
                new, field="new_password", personal=self._known_of(pending.company_id, pending.user_id)
            )
            with self.database.session(pending.company_id) as session, session.begin():
                # The user before the link, as `make_reset_link` locks them.
                user = users.lock(session, pending.company_id, pending.user_id)
                used = password_resets.use(session, pending.company_id, pending.id)
                if not used or user is None or not user.is_active or user.password_version != pending.password_version:
                    raise ResetRefused
                self._set(session, user, encoded, cause, is_proved=pending.is_mailed)
                # Somebody else may have linked one. The person's own is linked again by the verified address.
                identities.remove_all(session, user.company_id, user.id)
                revoked = api_keys.revoke_all(session, user.company_id, user.id)
                revocations.add(session, user.company_id, revocations.KEY, revoked)
        # Others may have closed the name by guessing; the owner of the link has proved to be its owner.
        self.guard.forget(self.guard_keys.of_name(pending.email_key))

    def _known_of(self, company_id: int, user_id: int) -> list[str]:
        """Return what others know of a person, of which no password may be made."""
        with self.database.session(company_id) as session:
            user, company = users.find(session, company_id, user_id), companies.find(session, company_id)
        known = [] if user is None else [user.email, user.username]
        return known if company is None else [*known, company.name]

    def _find(self, token: str) -> PendingReset:
        if not is_token(token, RESET):
            raise ResetRefused
        with self.database.session() as session:
            place = password_resets.find_company(session, token_hash(token))
        if place is None:
            raise ResetRefused
        company_id, reset_id = place
        with self.database.session(company_id) as session:
            pending = password_resets.find(session, company_id, reset_id)
        if pending is None:
            raise ResetRefused
        return pending

    def _set(
        self,
        session: Session,
        user: User,
        encoded: str,
        cause: Cause,
        *,
        keep: UUID | None = None,
        is_proved: bool = False,
    ) -> None:
        changed = users.set_password(session, user, encoded)
        if is_proved:
            changed = proven_addresses.add(session, changed)
        password_resets.remove_all(session, user.company_id, user.id)
        email_changes.remove(session, user.company_id, user.id)
        end_sessions(session, changed, EndReason.PASSWORD, except_id=keep)
        outbox.add(session, user_updated(changed, cause))
