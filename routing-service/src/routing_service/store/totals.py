"""The counts: a few rows per company, whatever the number of tickets."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from routing_service.domain.totals import Total


def by_department(session: Session, company: int) -> dict[str, Total]:
    """Return the figures of every department that has any, and zeros for the other active ones, in order of name."""
    query = text(
        "select department, coalesce(tickets, 0), coalesce(routings, 0), coalesce(rerouted, 0), coalesce(confidence, 0)"
        " from (select name as department, is_active, id from departments where company_id = :company) d"
        " full join (select * from routing_totals where company_id = :company) t using (department)"
        " where is_active or tickets > 0 order by id nulls last, department"
    )
    return {row[0]: Total(*map(int, row[1:])) for row in session.execute(query, {"company": company})}


def tickets_in(session: Session, company: int, department: str) -> int:
    """Return how many tickets are in a department now."""
    query = text("select tickets from routing_totals where company_id = :company and department = :department")
    return session.execute(query, {"company": company, "department": department}).scalar_one_or_none() or 0
