"""Counts external producers' requests per file, which gives their order however they are processed."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session


def count_request(session: Session, company_id: int, file: UUID, *, removal: bool) -> int:
    """Count one more request or removal; return its number."""
    query = text("""
        insert into outside as before (company_id, id, removed) values (:company, :id, :removal)
        on conflict (company_id, id) do update
        set number = before.number + 1,
            removed = case when :removal = 1 then before.number + 1 else before.removed end
        returning number
    """)
    parameters = {"company": company_id, "id": file, "removal": int(removal)}
    return int(session.execute(query, parameters).scalar_one())


def last_removal(session: Session, company_id: int, file: UUID) -> int:
    """Return the number of a file's last removal, or 0; locks it until the end of the transaction."""
    query = text("select removed from outside where company_id = :company and id = :id for share")
    return int(session.execute(query, {"company": company_id, "id": file}).scalar_one_or_none() or 0)
