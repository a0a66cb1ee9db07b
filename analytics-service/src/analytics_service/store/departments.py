"""The replica of routing-service's departments."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session


def existing_names(session: Session, company_id: int) -> Sequence[str]:
    """Return the names of a company's departments that aren't deleted, inactive ones too."""
    query = text("select name from departments where company_id = :company and not deleted order by department_id")
    return session.execute(query, {"company": company_id}).scalars().all()
