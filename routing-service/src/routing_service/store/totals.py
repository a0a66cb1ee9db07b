"""The counts by department: a few rows per company, whatever the number of tickets."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from routing_service.domain.totals import Total


def by_department(session: Session, company_id: int) -> dict[str, Total]:
    """Return the totals of every department with tickets, and zeros for the other active ones, oldest first."""
    query = text(
        "select department, coalesce(tickets, 0), coalesce(routings, 0), coalesce(rerouted, 0), coalesce(confidence, 0)"
        " from (select name as department, is_active, id from departments where company_id = :company) d"
        " full join (select * from routing_totals where company_id = :company) t using (department)"
        " where is_active or tickets > 0 order by id nulls last, department"
    )
    return {row[0]: Total(*map(int, row[1:])) for row in session.execute(query, {"company": company_id})}


def tickets_in(session: Session, company_id: int, department: str) -> int:
    """Return how many tickets are in a department now."""
    query = text("select tickets from routing_totals where company_id = :company and department = :department")
    return session.execute(query, {"company": company_id, "department": department}).scalar_one_or_none() or 0
