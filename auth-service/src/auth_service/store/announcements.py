"""When companies were last announced again, with their teams and people."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def due(session: Session, days: int) -> list[int]:
    """Return the companies that a session sees whose last announcement is more than `days` days old.

    Everything of a company was announced when it was added, so nothing of a younger company is older.
    """
    query = text(
        "select company_id from company_profiles c left join announcements a using (company_id)"
        " where coalesce(a.announced_at, c.created_at) < now() - :days * interval '1 day'"
        " and not exists (select from deleted_companies d where d.id = company_id) order by company_id"
    )
    return list(session.execute(query, {"days": days}).scalars())


def mark(session: Session, company_id: int) -> None:
    """Store that everything of a company has been announced."""
    session.execute(
        text(
            "insert into announcements (company_id, announced_at) values (:company, now())"
            " on conflict (company_id) do update set announced_at = excluded.announced_at"
        ),
        {"company": company_id},
    )
