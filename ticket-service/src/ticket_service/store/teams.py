"""The replica of auth-service's teams."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticket_service.domain.teams import Team
from ticket_service.store.tables import teams


def named(session: Session, company_id: int, name: str) -> Team | None:
    """Return a company's active team of exactly this name, None without one."""
    query = (
        select(teams.c.team_id, teams.c.name, teams.c.department)
        .where(teams.c.company_id == company_id, teams.c.name == name, teams.c.is_active)
        # A name that moved to another team exists twice until the first team's event arrives.
        .order_by(teams.c.team_id.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else Team(*row)
