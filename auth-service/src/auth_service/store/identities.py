"""Identities of users at providers (`user_identities`)."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auth_service.domain.identity import Identity

COLUMNS = "company_id, id, user_id, issuer, subject, created_at, last_used_at"


def find(session: Session, company_id: int, issuer: str, subject: str) -> Identity | None:
    """Return the identity of an issuer and a subject, None where the company knows none."""
    query = text(
        f"select {COLUMNS} from user_identities where company_id = :company and issuer = :issuer and subject = :subject"
    )
    row = session.execute(query, {"company": company_id, "issuer": issuer, "subject": subject}).one_or_none()
    return None if row is None else _identity(row)


def page(session: Session, company_id: int, user_id: int, *, after: int, limit: int) -> list[Identity]:
    """Return up to `limit` identities of a user with an id above `after`."""
    query = text(
        f"select {COLUMNS} from user_identities where company_id = :company and user_id = :user and id > :after"
        " order by id limit :limit"
    )
    values = {"company": company_id, "user": user_id, "after": after, "limit": limit}
    return [_identity(row) for row in session.execute(query, values)]


def count(session: Session, company_id: int, user_id: int) -> int:
    """Return how many identities a user has."""
    query = text("select count(*) from user_identities where company_id = :company and user_id = :user")
    return int(session.execute(query, {"company": company_id, "user": user_id}).scalar_one())


def add(session: Session, company_id: int, user_id: int, issuer: str, subject: str) -> None:
    """Insert an identity of a user."""
    session.execute(
        text(
            "insert into user_identities (company_id, user_id, issuer, subject)"
            " values (:company, :user, :issuer, :subject)"
        ),
        {"company": company_id, "user": user_id, "issuer": issuer, "subject": subject},
    )


def mark_used(session: Session, identity: Identity) -> None:
    """Store that an identity has just signed its user in."""
    session.execute(
        text("update user_identities set last_used_at = clock_timestamp() where company_id = :company and id = :id"),
        {"company": identity.company_id, "id": identity.id},
    )


def remove(session: Session, company_id: int, user_id: int, identity_id: int) -> bool:
    """Delete an identity of a user; return whether there was one."""
    query = text(
        "delete from user_identities where company_id = :company and user_id = :user and id = :id returning id"
    )
    return session.execute(query, {"company": company_id, "user": user_id, "id": identity_id}).first() is not None


def remove_all(session: Session, company_id: int, user_id: int) -> None:
    """Delete the identities of a user."""
    session.execute(
        text("delete from user_identities where company_id = :company and user_id = :user"),
        {"company": company_id, "user": user_id},
    )


def _identity(row: Row[Any]) -> Identity:
    return Identity(**row._mapping)
