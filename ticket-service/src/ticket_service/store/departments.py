"""The replica of routing-service's departments."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticket_service.domain.departments import Department
from ticket_service.store.tables import departments


def all_of(session: Session, company_id: int) -> list[Department]:
    """Return a company's departments as last published, deleted ones too."""
    query = select(departments.c.name, departments.c.is_active).where(departments.c.company_id == company_id)
    return [Department(name, is_active) for name, is_active in session.execute(query)]


def upsert(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert or update one row per department; a revision older than the stored one changes nothing."""
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
