"""The half-done logins that were finished (`used_half_logins`)."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.second_factor import HalfLogin


def is_used(session: Session, half: HalfLogin) -> bool:
    """Return whether a half-login has begun a session."""
    query = text("select exists (select from used_half_logins where company_id = :company and id = :id)")
    return bool(session.execute(query, {"company": half.company_id, "id": half.id}).scalar_one())


def use(session: Session, half: HalfLogin) -> bool:
    """Note that a half-login begins a session; return False where it has begun one already."""
    query = text(
        "insert into used_half_logins (company_id, id, user_id, expires_at) values (:company, :id, :user, :expires_at)"
        " on conflict do nothing returning id"
    )
    values = {"company": half.company_id, "id": half.id, "user": half.user_id, "expires_at": half.expires_at}
    return session.execute(query, values).first() is not None
