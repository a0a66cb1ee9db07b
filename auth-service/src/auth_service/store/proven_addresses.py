"""Addresses at which users have proved to receive mail (`proven_addresses`)."""

# ruff: noqa: S608 - only column names that stand in another file are put together here.

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.user import User
from auth_service.store.users import COLUMNS


def add(session: Session, user: User) -> User:
    """Store that a locked user has proved the address that the user has now; return the user with that."""
    values = {"company": user.company_id, "user": user.id}
    proof = text(
        "insert into proven_addresses (company_id, user_id, email_key)"
        " select company_id, id, email_key from users where company_id = :company and id = :user"
        " on conflict (company_id, user_id) do update set email_key = excluded.email_key, proven_at = clock_timestamp()"
    )
    session.execute(proof, values)
    query = text(
        f"update users set email_verified = true where company_id = :company and id = :user returning {COLUMNS}"
    )
    return User(**session.execute(query, values).one()._mapping)


def add_with_revision(session: Session, user: User) -> User:
    """Store as `add` does, with the user's next revision: a change of its own, which an event reports."""
    add(session, user)
    query = text(
        "update users set revision = revision + 1, updated_at = clock_timestamp()"
        f" where company_id = :company and id = :user returning {COLUMNS}"
    )
    return User(**session.execute(query, {"company": user.company_id, "user": user.id}).one()._mapping)


def find(session: Session, company_id: int, user_id: int) -> str | None:
    """Return a user's address if it is proved, None without such a user or proof."""
    query = text(
        "select u.email from users u join proven_addresses p"
        " on p.company_id = u.company_id and p.user_id = u.id and p.email_key = u.email_key"
        " where u.company_id = :company and u.id = :user"
    )
    email: str | None = session.execute(query, {"company": company_id, "user": user_id}).scalar_one_or_none()
    return email
