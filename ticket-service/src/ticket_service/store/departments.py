"""The replica of routing-service's departments."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticket_service.domain.departments import Department
from ticket_service.store.tables import departments


def all_of(session: Session, company_id: int) -> list[Department]:
    """Return a company's departments as last published, deleted ones too."""
    query = select(departments.c.name, departments.c.is_active).where(departments.c.company_id == company_id)
    return [Department(name, is_active) for name, is_active in session.execute(query)]
