"""Invitations to a company."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.invitation import Invitation

COLUMNS = "company_id, id, email, role, invited_by, created_at, expires_at, accepted_at, revoked_at"
OPEN = "accepted_at is null and revoked_at is null and expires_at > clock_timestamp()"


def find_by_token(session: Session, token_hash: bytes) -> tuple[int, int] | None:
    """Return (company id, invitation id) of a token; the session needs no company."""
    row = session.execute(text("select company_id, id from auth.find_invitation(:hash)"), {"hash": token_hash}).first()
    return None if row is None else (row.company_id, row.id)


def lock_open(session: Session, company_id: int, invitation_id: int, email_key: bytes) -> Invitation | None:
    """Lock an open invitation of an address until the transaction ends; None where there is none."""
    query = text(
        f"select {COLUMNS} from invitations"
        f" where company_id = :company and id = :id and email_key = :email_key and {OPEN} for update"
    )
    values = {"company": company_id, "id": invitation_id, "email_key": email_key}
    return _first(session.execute(query, values).one_or_none())


def page(session: Session, company_id: int, *, after: int, limit: int) -> list[Invitation]:
    """Return up to `limit` open invitations of a company with an id above `after`."""
    query = text(
        f"select {COLUMNS} from invitations where company_id = :company and id > :after and {OPEN}"
        " order by id limit :limit"
    )
    return [_invitation(row) for row in session.execute(query, {"company": company_id, "after": after, "limit": limit})]


def count_open(session: Session, company_id: int) -> int:
    """Return how many open invitations a company has."""
    query = text(f"select count(*) from invitations where company_id = :company and {OPEN}")
    return int(session.execute(query, {"company": company_id}).scalar_one())


def has_open(session: Session, company_id: int, email_key: bytes) -> bool:
    """Return whether an address has an open invitation of a company."""
    query = text(
        f"select exists (select from invitations where company_id = :company and email_key = :email_key and {OPEN})"
    )
    return bool(session.execute(query, {"company": company_id, "email_key": email_key}).scalar_one())


def age(session: Session, company_id: int, *, number: int, email_key: bytes | None = None) -> timedelta | None:
    """Return the age of the `number`th newest invitation of a company, or of an address; None where there are fewer.

    Accepted, revoked and expired ones count. The company is locked, so that ids have the order of time.
    """
    query = text(
        "select clock_timestamp() - created_at from invitations where company_id = :company"
        " and (cast(:email_key as bytea) is null or email_key = :email_key) order by id desc offset :skipped limit 1"
    )
    values = {"company": company_id, "email_key": email_key, "skipped": number - 1}
    found: timedelta | None = session.execute(query, values).scalar_one_or_none()
    return found


def add(
    session: Session,
    company_id: int,
    *,
    email: str,
    email_key: bytes,
    role: str,
    token_hash: bytes,
    invited_by: str,
    valid: timedelta,
) -> Invitation:
    """Insert an invitation."""
    values = {
        "company": company_id,
        "email": email,
        "email_key": email_key,
        "role": role,
        "token_hash": token_hash,
        "invited_by": invited_by,
        "valid": valid,
    }
    query = text(
        "insert into invitations (company_id, email, email_key, role, token_hash, invited_by, expires_at)"
        " values (:company, :email, :email_key, :role, :token_hash, :invited_by, clock_timestamp() + :valid)"
        f" returning {COLUMNS}"
    )
    return _invitation(session.execute(query, values).one())


def set_mailed_token(session: Session, company_id: int, invitation_id: int, token_hash: bytes) -> Invitation | None:
    """Store the digest of an open invitation's mailed token in place of an earlier one; None without the invitation."""
    query = text(
        "update invitations set mailed_token_hash = :hash"
        f" where company_id = :company and id = :id and {OPEN} returning {COLUMNS}"
    )
    values = {"company": company_id, "id": invitation_id, "hash": token_hash}
    return _first(session.execute(query, values).one_or_none())


def was_mailed(session: Session, company_id: int, invitation_id: int, token_hash: bytes) -> bool:
    """Return whether a token of an invitation is the one that a mail brought."""
    query = text(
        "select exists (select from invitations where company_id = :company and id = :id and mailed_token_hash = :hash)"
    )
    values = {"company": company_id, "id": invitation_id, "hash": token_hash}
    return bool(session.execute(query, values).scalar_one())


def accept(session: Session, invitation: Invitation) -> None:
    """Mark a locked invitation as accepted."""
    session.execute(
        text("update invitations set accepted_at = clock_timestamp() where company_id = :company and id = :id"),
        {"company": invitation.company_id, "id": invitation.id},
    )


def revoke_of(session: Session, company_id: int, invited_by: str) -> None:
    """Revoke the open invitations of one inviter."""
    query = text(
        "update invitations set revoked_at = clock_timestamp()"
        f" where company_id = :company and invited_by = :invited_by and {OPEN}"
    )
    session.execute(query, {"company": company_id, "invited_by": invited_by})


def revoke(session: Session, company_id: int, invitation_id: int) -> bool:
    """Revoke an open invitation; return False where there is none."""
    query = text(
        "update invitations set revoked_at = clock_timestamp()"
        f" where company_id = :company and id = :id and {OPEN} returning id"
    )
    return session.execute(query, {"company": company_id, "id": invitation_id}).one_or_none() is not None


def remove_all(session: Session, company_id: int) -> None:
    """Delete the invitations of a company."""
    session.execute(text("delete from invitations where company_id = :company"), {"company": company_id})


def _first(row: Row[Any] | None) -> Invitation | None:
    return None if row is None else _invitation(row)


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(**row._mapping)
