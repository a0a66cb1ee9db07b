"""Add, change and delete the users of a company."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from eventbus.publish import outbox
from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from auth_service.domain.session import EndReason
from auth_service.domain.user import (
    EmailTaken,
    LastAdmin,
    User,
    UsernameTaken,
    UserNotFound,
    is_admin,
    needs_new_sessions,
)
from auth_service.events import user_created, user_deleted, user_updated
from auth_service.store import companies, proven_addresses, users
from auth_service.usecases.change_companies import lock_company
from auth_service.usecases.end_sessions import end_sessions, revoke_user, verify_keys_again
from auth_service.usecases.follow_user import follow_user, forget_user
from auth_service.usecases.limit_taken import TakenAddresses
from auth_service.usecases.refuse_duplicate import refuse_duplicate


@dataclass(frozen=True)
class NewUser:
    """A person to add. `email_key` is the digest of the normalised address."""

    email: str
    email_key: bytes
    username: str
    password_hash: str | None = field(repr=False)
    """None: the person sets a password later."""


def get_user(session: Session, company_id: int, user_id: int) -> User:
    """Return a user; raise UserNotFound."""
    found = users.find(session, company_id, user_id)
    if found is None:
        raise UserNotFound
    return found


def add_user(
    session: Session,
    company_id: int,
    new: NewUser,
    role: str,
    *,
    taken: TakenAddresses,
    address: str,
    cause: Cause,
    idempotency_key: IdempotencyKey[User],
) -> User:
    """Add a user and publish `user.created`; `address` is the caller's network address.

    Raises EmailTaken, UsernameTaken, TooManyTries, HashingBusy, and Replayed for a repeated Idempotency-Key.
    """
    refuse_duplicate(session, idempotency_key)  # a repeated request counts nothing
    with taken.limited(address, company_id), session.begin():
        idempotency_key.claim(session)
        lock_company(session, company_id, cause)
        added = insert_user(session, company_id, new, role, cause)
        idempotency_key.store(session, added)
    return added


def insert_user(
    session: Session, company_id: int, new: NewUser, role: str, cause: Cause, *, is_proved: bool = False
) -> User:
    """Insert a user of a locked company and publish `user.created`, in the caller's transaction.

    `is_proved` says that the person has proved to receive mail at the address. Raises EmailTaken, UsernameTaken.
    """
    if users.username_exists(session, company_id, new.username):
        raise UsernameTaken
    added = users.add(
        session,
        company_id,
        email=new.email,
        email_key=new.email_key,
        username=new.username,
        role=role,
        password_hash=new.password_hash,
    )
    if added is None:
        place = users.find_company(session, new.email_key)
        raise EmailTaken(is_elsewhere=place is None or place[0] != company_id)
    if is_proved:
        added = proven_addresses.add(session, added)
    outbox.add(session, user_created(added, cause))
    return added


def name_of_company(session: Session, company_id: int) -> str:
    """Return the name of a company, empty where it has none yet."""
    with session.begin():
        company = companies.find(session, company_id)
    return "" if company is None else company.name


def change_user(
    session: Session,
    company_id: int,
    user_id: int,
    change: Mapping[str, Any],
    *,
    precondition: Precondition[User],
    cause: Cause,
) -> User:
    """Change a user and publish `user.updated`; equal values change nothing.

    Another role and deactivation end the user's sessions. Raises UserNotFound, PreconditionFailed, UsernameTaken,
    LastAdmin.
    """
    with session.begin():
        lock_company(session, company_id, cause)
        before = _lock(session, company_id, user_id)
        precondition.check(before)
        after = replace(before, **change)
        if after == before:
            return before
        if users.username_exists(session, company_id, after.username, except_id=user_id):
            raise UsernameTaken
        if is_admin(before) and not is_admin(after) and not before.is_machine:
            _check_other_admin(session, before)
        stored = users.change(session, after)
        publish_change(session, before, stored, cause)
        follow_user(session, before, stored, cause)
    return stored


def publish_change(session: Session, before: User, after: User, cause: Cause) -> None:
    """Publish `user.updated`, and end the user's sessions where the change requires it, in the caller's transaction."""
    outbox.add(session, user_updated(after, cause))
    if before.role != after.role:
        verify_keys_again(session, after)
    if before.is_active and not after.is_active:
        revoke_user(session, after)
        end_sessions(session, after, EndReason.INACTIVE)
    elif needs_new_sessions(before, after):
        end_sessions(session, after, EndReason.ROLE if before.role != after.role else EndReason.PASSWORD)


def delete_user(
    session: Session, company_id: int, user_id: int, *, precondition: Precondition[User], cause: Cause
) -> None:
    """Delete a user with all sessions and memberships, and publish `user.deleted`.

    Raises UserNotFound, PreconditionFailed, LastAdmin.
    """
    with session.begin():
        lock_company(session, company_id, cause)
        user = _lock(session, company_id, user_id)
        precondition.check(user)
        if is_admin(user) and not user.is_machine:
            _check_other_admin(session, user)
        revoke_user(session, user)
        end_sessions(session, user, EndReason.INACTIVE)
        users.remove(session, user)
        forget_user(session, user, cause)
        outbox.add(session, user_deleted(user, datetime.now(UTC), cause))


def _lock(session: Session, company_id: int, user_id: int) -> User:
    user = users.lock(session, company_id, user_id)
    if user is None:
        raise UserNotFound
    return user


def _check_other_admin(session: Session, user: User) -> None:
    if users.active_admins(session, user.company_id, except_id=user.id) == 0:
        raise LastAdmin
