"""Users of companies. Changes of roles and of activity lock the company first (`companies.lock`)."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.adapters.look_alikes import look_of
from auth_service.domain.user import MACHINE_DOMAIN, SUBJECT_PREFIX, User, username_key

COLUMNS = (
    "company_id, id, email, username, role, is_active, email_verified, password_version, preferences, revision,"
    " created_at, updated_at, last_login_at, exists (select from proven_addresses p where p.company_id ="
    " users.company_id and p.user_id = users.id and p.email_key = users.email_key) as email_confirmed"
)


class Credentials(NamedTuple):
    """A user with the password's hash, None where none was set."""

    user: User
    password_hash: str | None


def find_company(session: Session, email_key: bytes) -> tuple[int, int] | None:
    """Return (company id, user id) of the user with that address; the session needs no company."""
    row = session.execute(text("select company_id, id from auth.find_login(:key)"), {"key": email_key}).one_or_none()
    return None if row is None else (row.company_id, row.id)


def find(session: Session, company_id: int, user_id: int) -> User | None:
    """Return a company's user, None where there is none."""
    query = text(f"select {COLUMNS} from users where company_id = :company and id = :id")
    return _first(session.execute(query, {"company": company_id, "id": user_id}).one_or_none())


def lock(session: Session, company_id: int, user_id: int) -> User | None:
    """Lock a user against changes until the transaction ends; None where there is none."""
    query = text(f"select {COLUMNS} from users where company_id = :company and id = :id for update")
    return _first(session.execute(query, {"company": company_id, "id": user_id}).one_or_none())


def credentials(session: Session, company_id: int, user_id: int) -> Credentials | None:
    """Return a user and the password's hash, None where there is none."""
    query = text(f"select {COLUMNS}, password_hash from users where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": user_id}).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    return Credentials(password_hash=values.pop("password_hash"), user=User(**values))


def email_key(session: Session, company_id: int, user_id: int) -> bytes | None:
    """Return the digest of a user's address, None where there is no such user."""
    query = text("select email_key from users where company_id = :company and id = :id")
    key = session.execute(query, {"company": company_id, "id": user_id}).scalar_one_or_none()
    return None if key is None else bytes(key)


def page(
    session: Session,
    company_id: int,
    *,
    after: int,
    limit: int,
    search: str | None = None,
    role: str | None = None,
    is_active: bool | None = None,
) -> list[User]:
    """Return up to `limit` users with an id above `after` whose name or address contains `search`, ignoring case."""
    query = text(
        f"select {COLUMNS} from users where company_id = :company and id > :after"
        " and (cast(:search as text) is null or position(:search in username_key) > 0"
        "      or position(:search in lower(email)) > 0)"
        " and (cast(:role as text) is null or role = :role)"
        " and (cast(:is_active as boolean) is null or is_active = :is_active)"
        " order by id limit :limit"
    )
    values = {
        "company": company_id,
        "after": after,
        "limit": limit,
        "search": None if search is None else username_key(search),
        "role": role,
        "is_active": is_active,
    }
    return [_user(row) for row in session.execute(query, values)]


def username_exists(session: Session, company_id: int, username: str, *, except_id: int = 0) -> bool:
    """Return whether a user other than `except_id` has that name, ignoring case, or one that looks like it."""
    query = text(
        "select exists (select from users where company_id = :company and id <> :except_id"
        " and (username_key = :key or username_look = :look))"
    )
    values = {
        "company": company_id,
        "key": username_key(username),
        "look": look_of(username),
        "except_id": except_id,
    }
    return bool(session.execute(query, values).scalar_one())


def active_admins(session: Session, company_id: int, *, except_id: int) -> int:
    """Return how many active admins other than `except_id` a company has. Accounts of programs don't count."""
    query = text(
        "select count(*) from users where company_id = :company and role = 'admin' and is_active and id <> :except_id"
        " and email not like '%@' || :machines"
    )
    values = {"company": company_id, "except_id": except_id, "machines": MACHINE_DOMAIN}
    return int(session.execute(query, values).scalar_one())


def add(
    session: Session,
    company_id: int,
    *,
    email: str,
    email_key: bytes,
    username: str,
    role: str,
    password_hash: str | None,
) -> User | None:
    """Insert a user and return it; None where a user of any company has the address."""
    query = text(
        "insert into users (company_id, email, email_key, username, username_key, username_look, role, password_hash)"
        " values (:company, :email, :email_key, :username, :username_key, :username_look, :role, :password_hash)"
        f" on conflict (email_key) do nothing returning {COLUMNS}"
    )
    values = {
        "company": company_id,
        "email": email,
        "email_key": email_key,
        "username": username,
        "username_key": username_key(username),
        "username_look": look_of(username),
        "role": role,
        "password_hash": password_hash,
    }
    return _first(session.execute(query, values).one_or_none())


def change(session: Session, user: User) -> User:
    """Update a locked user, with the next revision."""
    query = text(
        "update users set username = :username, username_key = :username_key, username_look = :username_look,"
        " role = :role, is_active = :is_active,"
        " preferences = cast(:preferences as jsonb), revision = revision + 1, updated_at = clock_timestamp()"
        f" where company_id = :company_id and id = :id returning {COLUMNS}"
    )
    values: Mapping[str, Any] = {
        **vars(user),
        "username_key": username_key(user.username),
        "username_look": look_of(user.username),
        "preferences": orjson.dumps(user.preferences).decode(),
    }
    return _user(session.execute(query, values).one())


def deactivate_all(session: Session, company_id: int) -> list[str]:
    """Deactivate all users of a company; return the subjects of all."""
    query = text("update users set is_active = false where company_id = :company returning id")
    return [f"{SUBJECT_PREFIX}{user_id}" for user_id in session.execute(query, {"company": company_id}).scalars()]


def set_password(session: Session, user: User, password_hash: str) -> User:
    """Store a new password of a locked user: the password's version grows, and so does the revision."""
    query = text(
        "update users set password_hash = :password_hash, password_version = password_version + 1,"
        " revision = revision + 1, updated_at = clock_timestamp()"
        f" where company_id = :company and id = :id returning {COLUMNS}"
    )
    values = {"company": user.company_id, "id": user.id, "password_hash": password_hash}
    return _user(session.execute(query, values).one())


def renew_hash(session: Session, user: User, password_hash: str) -> None:
    """Store another hash of the same password, unless the password has been changed since `user` was read."""
    session.execute(
        text(
            "update users set password_hash = :password_hash"
            " where company_id = :company and id = :id and password_version = :version"
        ),
        {
            "company": user.company_id,
            "id": user.id,
            "version": user.password_version,
            "password_hash": password_hash,
        },
    )


def mark_login(session: Session, user: User) -> User:
    """Store that a user has just logged in."""
    query = text(
        "update users set last_login_at = clock_timestamp() where company_id = :company and id = :id"
        f" returning {COLUMNS}"
    )
    return _user(session.execute(query, {"company": user.company_id, "id": user.id}).one())


def remove(session: Session, user: User) -> None:
    """Delete a user, with sessions and refresh tokens."""
    session.execute(
        text("delete from users where company_id = :company and id = :id"),
        {"company": user.company_id, "id": user.id},
    )


def _first(row: Row[Any] | None) -> User | None:
    return None if row is None else _user(row)


def _user(row: Row[Any]) -> User:
    return User(**row._mapping)
