"""Change and verify the address of a person.

The new address takes effect when its token comes back, and not before: else a typing error would lock the person out,
and anybody could take an address that belongs to somebody else.
"""

from dataclasses import dataclass
from uuid import uuid4

from eventbus.publish import outbox
from service_kit.database.engine import Database
from service_kit.http.idempotency import IdempotencyKey
from service_kit.telemetry.cause import Cause
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from auth_service.domain.email_change import (
    REQUEST_LIFETIME,
    TOKEN_LIFETIME,
    VERIFICATION,
    EmailChange,
    NoEmailChange,
    Verification,
    VerificationRefused,
)
from auth_service.domain.guard import GuardKeys, Kind
from auth_service.domain.opaque_token import is_token, new_token, token_hash
from auth_service.domain.session import EndReason
from auth_service.domain.user import EmailTaken, User, UserNotFound
from auth_service.events import email_changed, email_verification_requested, user_updated
from auth_service.store import email_changes, password_resets, proven_addresses, user_addresses, users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.check_password import PasswordCheck
from auth_service.usecases.end_sessions import end_sessions
from auth_service.usecases.follow_user import follow_user
from auth_service.usecases.guard_tries import Guard, TooManyTries
from auth_service.usecases.limit_taken import TakenAddresses
from auth_service.usecases.prove_address import prove_address

TOO_MANY_REQUESTS = (
    f"A person asks for another address at most {Kind.RESET_REQUEST.max_tries} times an hour. Nothing failed: the last"
    " request counts."
)


def make_verification(
    session: Session,
    company_id: int,
    user_id: int,
    *,
    email: str | None = None,
    is_mailed: bool = False,
    idempotency_key: IdempotencyKey[Verification],
) -> Verification:
    """Make a token for the address that a user has asked for, in place of earlier ones.

    With an `email`, for that address alone: the token of a newer request must not reach an older address. A token that
    `is_mailed` proves the address; one that an admin hands over lets it take effect. Raises NoEmailChange, and Replayed
    for a repeated Idempotency-Key.
    """
    token = new_token(VERIFICATION)
    with session.begin():
        idempotency_key.claim(session)
        change = email_changes.find(session, company_id, user_id, within=REQUEST_LIFETIME)
        if change is None or email not in (None, change.email):
            raise NoEmailChange
        expires_at = email_changes.set_token(session, change, token_hash(token), TOKEN_LIFETIME, is_mailed=is_mailed)
        made = Verification(token, user_id, change.email, expires_at)
        idempotency_key.store(session, made)
    return made


@dataclass(frozen=True)
class EmailChanges:
    """Changes addresses."""

    database: Database
    password_check: PasswordCheck
    guard: Guard
    guard_keys: GuardKeys

    def request(
        self,
        session: Session,
        company_id: int,
        user_id: int,
        email: str,
        email_key: bytes,
        password: str,
        *,
        cause: Cause,
        idempotency_key: IdempotencyKey[None],
    ) -> None:
        """Ask for another address, or for the verification of the present one, at most three times an hour.

        Publishes `user.email.verification.requested`. The answer is the same for an address that somebody else has.
        Raises WrongPassword, BadPassword, NoPassword, UserNotFound, TooManyTries, HashingBusy, Replayed.
        """
        self.password_check.check(company_id, user_id, password)
        counters = self.guard_keys.of_reset_request(f"address of {company_id}:{user_id}".encode())
        counted = self.guard.count(counters)
        if not counted.admitted:
            raise TooManyTries(counted.retry_after_seconds, TOO_MANY_REQUESTS)
        self.guard.fail(counters)  # every request counts
        with session.begin():
            idempotency_key.claim(session)
            user = users.lock(session, company_id, user_id)
            old_key = users.email_key(session, company_id, user_id)
            if user is None or old_key is None:
                raise UserNotFound
            email_changes.replace(session, EmailChange(company_id, user_id, email, email_key, old_key))
            outbox.add(session, email_verification_requested(user, email, uuid4(), cause))
            idempotency_key.store(session, None)

    def confirm(self, token: str, *, address: str, cause: Cause) -> None:
        """Let an address take effect by its token; `address` is the network address of the caller.

        Sessions and links that belong to the old address end, and `user.email.changed` tells the old address. Raises
        VerificationRefused, EmailTaken, TooManyTries.
        """
        taken = TakenAddresses(self.guard, self.guard_keys)
        with taken.limited(address), self.guard.counted(self.guard_keys.of_network(address), unless=(EmailTaken,)):
            place = self._find(token)
            try:
                with self.database.session(place[0]) as session, session.begin():
                    self._take_effect(session, *place, token, cause)
            except IntegrityError as error:  # somebody has taken the address in this moment
                raise EmailTaken(is_elsewhere=True) from error

    def _find(self, token: str) -> tuple[int, int]:
        if not is_token(token, VERIFICATION):
            raise VerificationRefused
        with self.database.session() as session:
            place = email_changes.find_user(session, token_hash(token))
        if place is None:
            raise VerificationRefused
        return place

    def _take_effect(self, session: Session, company_id: int, user_id: int, token: str, cause: Cause) -> None:
        lock_company(session, company_id, cause)
        user = users.lock(session, company_id, user_id)
        change = email_changes.use(session, company_id, user_id, token_hash(token))
        if user is None or change is None or not user.is_active:
            raise VerificationRefused
        if users.email_key(session, company_id, user_id) != change.old_email_key:
            raise VerificationRefused
        taken_by = users.find_company(session, change.email_key)
        if taken_by is not None and taken_by != (company_id, user_id):
            raise EmailTaken(is_elsewhere=taken_by[0] != company_id)
        if change.email == user.email:
            user_addresses.mark_verified(session, user)
            if change.is_mailed:
                prove_address(session, user, cause)
            return
        changed = user_addresses.change(session, user, change.email, change.email_key)
        if change.is_mailed:
            changed = proven_addresses.add(session, changed)
        outbox.add(session, user_updated(changed, cause))
        follow_user(session, user, changed, cause)
        if change.email_key != change.old_email_key:
            self._end_what_the_old_address_opened(session, user, changed, cause)

    def _end_what_the_old_address_opened(self, session: Session, before: User, after: User, cause: Cause) -> None:
        password_resets.remove_all(session, after.company_id, after.id)
        end_sessions(session, after, EndReason.EMAIL)
        outbox.add(session, email_changed(before, after, uuid4(), cause))
