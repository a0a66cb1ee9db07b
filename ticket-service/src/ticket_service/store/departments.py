"""The departments that were announced."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.departments import Department
from ticket_service.store.tables import departments


def announced(session: Session, company_id: int) -> list[Department]:
    """Return what was announced about a company's departments, also about those that are gone."""
    query = select(departments.c.name, departments.c.is_active).where(departments.c.company_id == company_id)
    return [Department(name, is_active) for name, is_active in session.execute(query)]


def remember(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store announcements, one per department; an older revision than the stored one changes nothing."""
    if not rows:
        return
    statement = insert(departments).values(list(rows))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["company_id", "department_id"],
            set_={name: statement.excluded[name] for name in ("name", "is_active", "revision")},
            where=departments.c.revision < statement.excluded.revision,
        )
    )
