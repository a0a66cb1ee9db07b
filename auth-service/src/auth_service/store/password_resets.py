"""Links for a new password (`password_resets`)."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.password_reset import PendingReset


def add(
    session: Session,
    company_id: int,
    user_id: int,
    *,
    token_hash: bytes,
    password_version: int,
    created_by: str,
    is_mailed: bool,
    lifetime: timedelta,
) -> datetime:
    """Insert a link, with older ones of the user removed; return when it expires."""
    remove_all(session, company_id, user_id)
    query = text(
        "insert into password_resets"
        " (company_id, user_id, token_hash, password_version, created_by, is_mailed, expires_at) values (:company,"
        " :user, :hash, :version, :created_by, :is_mailed, clock_timestamp() + cast(:lifetime as interval))"
        " returning expires_at"
    )
    values = {
        "company": company_id,
        "user": user_id,
        "hash": token_hash,
        "version": password_version,
        "created_by": created_by,
        "is_mailed": is_mailed,
        "lifetime": lifetime,
    }
    expires_at: datetime = session.execute(query, values).scalar_one()
    return expires_at


def find_company(session: Session, token_hash: bytes) -> tuple[int, int] | None:
    """Return (company id, id) of the link with that token; the session needs no company."""
    query = text("select company_id, id from find_password_reset(:hash)")
    row = session.execute(query, {"hash": token_hash}).one_or_none()
    return None if row is None else (row.company_id, row.id)


def find(session: Session, company_id: int, reset_id: int) -> PendingReset | None:
    """Return a link that can be used now: of an active user with the same password as when it was made."""
    query = text(
        "select r.id, r.company_id, r.user_id, r.password_version, r.is_mailed, u.email_key from password_resets r"
        " join users u on u.company_id = r.company_id and u.id = r.user_id"
        " where r.company_id = :company and r.id = :id and r.expires_at > clock_timestamp()"
        " and u.is_active and u.password_version = r.password_version"
    )
    row = session.execute(query, {"company": company_id, "id": reset_id}).one_or_none()
    return None if row is None else PendingReset(**{**row._mapping, "email_key": bytes(row.email_key)})


def use(session: Session, company_id: int, reset_id: int) -> bool:
    """Use a link up by deleting it; return False where it was used before or has expired."""
    query = text(
        "delete from password_resets"
        " where company_id = :company and id = :id and expires_at > clock_timestamp() returning id"
    )
    return session.execute(query, {"company": company_id, "id": reset_id}).first() is not None


def remove_all(session: Session, company_id: int, user_id: int) -> None:
    """Delete the links of a user."""
    session.execute(
        text("delete from password_resets where company_id = :company and user_id = :user"),
        {"company": company_id, "user": user_id},
    )
