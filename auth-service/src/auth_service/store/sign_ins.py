"""Sign-ins that are under way: at the provider (`sso_attempts`), and back with a code (`sso_codes`).

Both are used once: the transaction that deletes the row has it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Attempt:
    """A sign-in that was sent to a provider."""

    user_id: int | None
    return_to: str | None


def add(
    session: Session,
    company_id: int,
    connection_id: UUID,
    *,
    state_hash: bytes,
    browser_hash: bytes,
    attempt: Attempt,
    lifetime: timedelta,
) -> None:
    """Insert a sign-in."""
    query = text(
        "insert into sso_attempts (company_id, state_hash, browser_hash, connection_id, user_id, return_to, expires_at)"
        " values (:company, :state, :browser, :connection, :user, :return_to,"
        " clock_timestamp() + cast(:lifetime as interval))"
    )
    values = {
        "company": company_id,
        "state": state_hash,
        "browser": browser_hash,
        "connection": str(connection_id),
        "user": attempt.user_id,
        "return_to": attempt.return_to,
        "lifetime": lifetime,
    }
    session.execute(query, values)


def use(
    session: Session, company_id: int, connection_id: UUID, *, state_hash: bytes, browser_hash: bytes
) -> Attempt | None:
    """Use up a sign-in of that connection and browser; None for an unknown, used or expired one."""
    query = text(
        "delete from sso_attempts where company_id = :company and state_hash = :state"
        " and connection_id = :connection and browser_hash = :browser and expires_at > clock_timestamp()"
        " returning user_id, return_to"
    )
    values = {
        "company": company_id,
        "state": state_hash,
        "connection": str(connection_id),
        "browser": browser_hash,
    }
    row = session.execute(query, values).one_or_none()
    return None if row is None else Attempt(row.user_id, row.return_to)


def add_code(
    session: Session, company_id: int, user_id: int, *, code_hash: bytes, browser_hash: bytes, lifetime: timedelta
) -> datetime:
    """Insert a code; return when it expires."""
    query = text(
        "insert into sso_codes (company_id, code_hash, browser_hash, user_id, expires_at)"
        " values (:company, :code, :browser, :user, clock_timestamp() + cast(:lifetime as interval))"
        " returning expires_at"
    )
    values = {
        "company": company_id,
        "code": code_hash,
        "browser": browser_hash,
        "user": user_id,
        "lifetime": lifetime,
    }
    expires_at: datetime = session.execute(query, values).scalar_one()
    return expires_at


def find_company(session: Session, code_hash: bytes) -> int | None:
    """Return the company of a code, None where there is none; the session needs no company."""
    query = text("select company_id from auth.find_sso_code(:hash)")
    company_id: int | None = session.execute(query, {"hash": code_hash}).scalar_one_or_none()
    return company_id


def use_code(session: Session, company_id: int, *, code_hash: bytes, browser_hash: bytes) -> int | None:
    """Use up a code of that browser and return its user's id; None for an unknown, used or expired one."""
    query = text(
        "delete from sso_codes where company_id = :company and code_hash = :code and browser_hash = :browser"
        " and expires_at > clock_timestamp() returning user_id"
    )
    values = {"company": company_id, "code": code_hash, "browser": browser_hash}
    user_id: int | None = session.execute(query, values).scalar_one_or_none()
    return user_id
