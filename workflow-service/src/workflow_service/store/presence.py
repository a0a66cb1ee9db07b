"""Whether people take new work."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.presence import Presence

# A renewed lease leaves `since`: only who comes back gets another place in the order.
_SAVE = text("""
    insert into presence as p (company_id, email, subject, available, until)
    values (:company, :email, :subject, :available, :until)
    on conflict (company_id, email) do update set subject = excluded.subject, available = excluded.available,
        until = excluded.until,
        since = case when (p.available = (p.until is null or p.until > now())) = excluded.available
            then p.since else excluded.since end
    returning available, until, since
""")

# Not the row's lock: a person's first presence has no row yet.
_LOCK = text("select pg_advisory_xact_lock(hashtext('presence:' || current_schema() || ':' || :email), :company)")


def lock(session: Session, company_id: int, email: str) -> None:
    """Let no other transaction change a person's presence until this one ends, also where there is none yet."""
    session.execute(_LOCK, {"company": company_id, "email": email})


def find(session: Session, company_id: int, email: str) -> Presence | None:
    """Return a person's presence, None without one."""
    query = text("select available, until, since from presence where company_id = :company and email = :email")
    row = session.execute(query, {"company": company_id, "email": email}).one_or_none()
    return None if row is None else Presence._make(row)


def save(
    session: Session, company_id: int, email: str, subject: str, *, available: bool, until: datetime | None
) -> Presence:
    """Store a person's presence and return it."""
    values = {"company": company_id, "email": email, "subject": subject, "available": available, "until": until}
    return Presence._make(session.execute(_SAVE, values).one())
