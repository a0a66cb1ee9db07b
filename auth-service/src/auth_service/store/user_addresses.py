"""The addresses of users (`users`): changed, and marked as verified."""

# ruff: noqa: S608 - only column names that stand in another file are put together here.

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.user import User
from auth_service.store.users import COLUMNS


def ids_of(session: Session, company_id: int, emails: Collection[str]) -> dict[str, int]:
    """Return the ids of a company's users by address, of those `emails` in lower case that belong to one."""
    query = text(
        "select id, lower(email) as email from users where company_id = :company and lower(email) = any(:emails)"
    )
    rows = session.execute(query, {"company": company_id, "emails": sorted(emails)})
    return {row.email: row.id for row in rows}


def mark_verified(session: Session, user: User) -> None:
    """Store that somebody has proved to receive mail at a user's address. No event says so."""
    session.execute(
        text("update users set email_verified = true where company_id = :company and id = :id"),
        {"company": user.company_id, "id": user.id},
    )


def change(session: Session, user: User, email: str, email_key: bytes) -> User:
    """Store a verified address of a locked user, with the next revision; fails where a user has the address."""
    query = text(
        "update users set email = :email, email_key = :key, email_verified = true, revision = revision + 1,"
        f" updated_at = clock_timestamp() where company_id = :company and id = :id returning {COLUMNS}"
    )
    values = {"company": user.company_id, "id": user.id, "email": email, "key": email_key}
    return User(**session.execute(query, values).one()._mapping)
