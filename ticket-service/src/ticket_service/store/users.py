"""The replica of auth-service's people."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticket_service.store.comment_tables import users


def roles_of(session: Session, company_id: int, wanted: Collection[int]) -> dict[int, str]:
    """Return the roles of the wanted people who are active in the company, by id."""
    if not wanted:
        return {}
    query = select(users.c.user_id, users.c.role).where(
        users.c.company_id == company_id, users.c.user_id.in_(wanted), users.c.is_active
    )
    return {row.user_id: row.role for row in session.execute(query)}
