"""Addresses of users that a token mailed there has proved (`proven_addresses`)."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def add(session: Session, company_id: int, user_id: int) -> None:
    """Store that a user has proved the address that the user has now."""
    query = text(
        "insert into proven_addresses (company_id, user_id, email_key)"
        " select company_id, id, email_key from users where company_id = :company and id = :user"
        " on conflict (company_id, user_id) do update set email_key = excluded.email_key, proven_at = clock_timestamp()"
    )
    session.execute(query, {"company": company_id, "user": user_id})


def find(session: Session, company_id: int, user_id: int) -> str | None:
    """Return a user's address if it is proved, None without such a user or proof."""
    query = text(
        "select u.email from users u join proven_addresses p"
        " on p.company_id = u.company_id and p.user_id = u.id and p.email_key = u.email_key"
        " where u.company_id = :company and u.id = :user"
    )
    email: str | None = session.execute(query, {"company": company_id, "user": user_id}).scalar_one_or_none()
    return email
