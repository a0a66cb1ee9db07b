"""The API keys of people (`api_keys`)."""

# ruff: noqa: S608 - only column names and conditions that stand in this file are put together here.

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.api_key import ApiKey, KeyOwner

COLUMNS = "id, number, user_id, name, scopes, created_at, expires_at, last_used_at"
VALID = "revoked_at is null and expires_at > clock_timestamp()"


def page(session: Session, company_id: int, *, user_id: int | None, after: int, limit: int) -> list[ApiKey]:
    """Return valid keys of a company, or of one of its users, in the order of their creation."""
    query = text(
        f"select {COLUMNS} from api_keys where company_id = :company and number > :after and {VALID}"
        " and (cast(:user as bigint) is null or user_id = :user) order by number limit :limit"
    )
    values = {"company": company_id, "user": user_id, "after": after, "limit": limit}
    return [_key(row) for row in session.execute(query, values)]


def count(session: Session, company_id: int, user_id: int) -> int:
    """Return how many valid keys a user has."""
    query = text(f"select count(*) from api_keys where company_id = :company and user_id = :user and {VALID}")
    return int(session.execute(query, {"company": company_id, "user": user_id}).scalar_one())


def add(
    session: Session,
    company_id: int,
    user_id: int,
    *,
    key_id: str,
    secret_hash: bytes,
    name: str,
    scopes: Sequence[str],
    lifetime: timedelta,
) -> ApiKey:
    """Insert a key and return it; raise IntegrityError for an id that exists."""
    query = text(
        "insert into api_keys (company_id, id, user_id, name, secret_hash, scopes, expires_at)"
        " values (:company, :id, :user, :name, :hash, cast(:scopes as text[]),"
        f" clock_timestamp() + cast(:lifetime as interval)) returning {COLUMNS}"
    )
    values = {
        "company": company_id,
        "id": key_id,
        "user": user_id,
        "name": name,
        "hash": secret_hash,
        "scopes": list(scopes),
        "lifetime": lifetime,
    }
    return _key(session.execute(query, values).one())


def revoke(session: Session, company_id: int, key_id: str, *, user_id: int | None) -> bool:
    """Revoke a valid key, of this user only where one is given; return whether there was one."""
    query = text(
        "update api_keys set revoked_at = clock_timestamp() where company_id = :company and id = :id"
        f" and (cast(:user as bigint) is null or user_id = :user) and {VALID} returning id"
    )
    return session.execute(query, {"company": company_id, "id": key_id, "user": user_id}).first() is not None


def revoke_all(session: Session, company_id: int, user_id: int) -> list[str]:
    """Revoke all keys of a user; return the ids of those that were valid."""
    query = text(
        "update api_keys set revoked_at = clock_timestamp() where company_id = :company and user_id = :user"
        f" and {VALID} returning id"
    )
    return list(session.execute(query, {"company": company_id, "user": user_id}).scalars())


def find_company(session: Session, key_id: str) -> int | None:
    """Return the company of a key's id, None for an unknown one; works in a session without companies."""
    query = text("select company_id from find_api_key(:id)")
    return session.execute(query, {"id": key_id}).scalar_one_or_none()


def owner(session: Session, company_id: int, key_id: str) -> tuple[KeyOwner, bytes] | None:
    """Return the active owner of a valid key, and the key's hash."""
    query = text(
        "select k.id, k.name as key_name, k.user_id, u.role, u.username, u.email, k.scopes, k.expires_at, k.secret_hash"
        " from api_keys k join users u on u.company_id = k.company_id and u.id = k.user_id"
        f" where k.company_id = :company and k.id = :id and u.is_active and {VALID}"
    )
    row = session.execute(query, {"company": company_id, "id": key_id}).one_or_none()
    if row is None:
        return None
    found = KeyOwner(
        company_id,
        key_id=row.id,
        key_name=row.key_name,
        user_id=row.user_id,
        role=row.role,
        name=row.username,
        email=row.email,
        scopes=tuple(row.scopes),
        expires_at=row.expires_at,
    )
    return found, bytes(row.secret_hash)


def note_use(session: Session, company_id: int, key_id: str) -> None:
    """Note that a key was used, to the minute: most uses write nothing."""
    query = text(
        "update api_keys set last_used_at = date_trunc('minute', clock_timestamp())"
        " where company_id = :company and id = :id"
        " and (last_used_at is null or last_used_at < date_trunc('minute', clock_timestamp()))"
    )
    session.execute(query, {"company": company_id, "id": key_id})


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(**{**row._mapping, "scopes": tuple(row.scopes)})
