"""Sessions and their refresh tokens. Every use of a refresh token locks its session first."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.session import EndReason, RefreshToken, UserSession

COLUMNS = "company_id, id, user_id, device, address, created_at, last_used_at, expires_at, ended_at, end_reason"
ALIVE = "ended_at is null and expires_at > clock_timestamp()"


def now(session: Session) -> datetime:
    """Return the database's time, by which sessions and tokens expire."""
    moment: datetime = session.execute(text("select clock_timestamp()")).scalar_one()
    return moment


def find_by_token(session: Session, token_hash: bytes) -> tuple[int, UUID] | None:
    """Return (company id, session id) of a refresh token; the session needs no company."""
    query = text("select company_id, session_id from auth.find_refresh_token(:hash)")
    row = session.execute(query, {"hash": token_hash}).one_or_none()
    return None if row is None else (row.company_id, row.session_id)


def add(session: Session, begun: UserSession) -> None:
    """Insert a session."""
    query = text(
        "insert into sessions (company_id, id, user_id, device, address, created_at, last_used_at, expires_at)"
        " values (:company_id, :id, :user_id, :device, :address, :created_at, :last_used_at, :expires_at)"
    )
    session.execute(query, {**vars(begun), "id": str(begun.id)})


def lock(session: Session, company_id: int, session_id: UUID) -> UserSession | None:
    """Lock a session until the transaction ends; None where there is none."""
    query = text(f"select {COLUMNS} from sessions where company_id = :company and id = :id for update")
    row = session.execute(query, {"company": company_id, "id": str(session_id)}).one_or_none()
    return None if row is None else _session(row)


def find(session: Session, company_id: int, session_id: UUID) -> UserSession | None:
    """Return a session that has not ended, None where there is none."""
    query = text(f"select {COLUMNS} from sessions where company_id = :company and id = :id and {ALIVE}")
    row = session.execute(query, {"company": company_id, "id": str(session_id)}).one_or_none()
    return None if row is None else _session(row)


def page(
    session: Session, company_id: int, user_id: int, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[UserSession]:
    """Return up to `limit` sessions of a user that have not ended, newest first."""
    query = text(
        f"select {COLUMNS} from sessions where company_id = :company and user_id = :user and {ALIVE}"
        " and (cast(:created_at as timestamptz) is null"
        "      or (created_at, id) < (cast(:created_at as timestamptz), cast(:id as uuid)))"
        " order by created_at desc, id desc limit :limit"
    )
    values = {
        "company": company_id,
        "user": user_id,
        "created_at": after[0] if after else None,
        "id": str(after[1]) if after else None,
        "limit": limit,
    }
    return [_session(row) for row in session.execute(query, values)]


def mark_used(session: Session, used: UserSession, moment: datetime) -> None:
    """Store when a session was last used."""
    session.execute(
        text("update sessions set last_used_at = :moment where company_id = :company and id = :id"),
        {"company": used.company_id, "id": str(used.id), "moment": moment},
    )


def end(session: Session, company_id: int, session_id: UUID, reason: EndReason) -> bool:
    """End a session; return whether it was alive."""
    query = text(
        "update sessions set ended_at = clock_timestamp(), end_reason = :reason"
        f" where company_id = :company and id = :id and {ALIVE} returning id"
    )
    values = {"company": company_id, "id": str(session_id), "reason": reason}
    return session.execute(query, values).one_or_none() is not None


def end_all(
    session: Session, company_id: int, user_id: int, reason: EndReason, *, except_id: UUID | None = None
) -> list[str]:
    """End all sessions of a user but `except_id`; return the ids of those that were alive."""
    query = text(
        "update sessions set ended_at = clock_timestamp(), end_reason = :reason"
        f" where company_id = :company and user_id = :user and {ALIVE}"
        " and id is distinct from cast(:except_id as uuid) returning id"
    )
    values = {
        "company": company_id,
        "user": user_id,
        "reason": reason,
        "except_id": None if except_id is None else str(except_id),
    }
    return [str(row.id) for row in session.execute(query, values)]


def add_token(session: Session, of: UserSession, token_hash: bytes, idle_expires_at: datetime) -> None:
    """Insert an unused refresh token of a session."""
    session.execute(
        text(
            "insert into refresh_tokens (company_id, session_id, token_hash, idle_expires_at)"
            " values (:company, :session, :hash, :idle_expires_at)"
        ),
        {"company": of.company_id, "session": str(of.id), "hash": token_hash, "idle_expires_at": idle_expires_at},
    )


def find_token(session: Session, company_id: int, token_hash: bytes) -> RefreshToken | None:
    """Return a refresh token, None where there is none."""
    query = text(
        "select used_at, successor_sealed, idle_expires_at from refresh_tokens"
        " where company_id = :company and token_hash = :hash"
    )
    row = session.execute(query, {"company": company_id, "hash": token_hash}).one_or_none()
    if row is None:
        return None
    sealed = None if row.successor_sealed is None else bytes(row.successor_sealed)
    return RefreshToken(row.used_at, sealed, row.idle_expires_at)


def use_token(session: Session, company_id: int, token_hash: bytes, successor_sealed: bytes, moment: datetime) -> bool:
    """Mark an unused refresh token as exchanged for its successor; return False for a used one."""
    query = text(
        "update refresh_tokens set used_at = :moment, successor_sealed = :sealed"
        " where company_id = :company and token_hash = :hash and used_at is null returning token_hash"
    )
    values = {"company": company_id, "hash": token_hash, "sealed": successor_sealed, "moment": moment}
    return session.execute(query, values).one_or_none() is not None


def _session(row: Row[Any]) -> UserSession:
    values = dict(row._mapping)
    return UserSession(**values | {"id": UUID(str(values["id"]))})
