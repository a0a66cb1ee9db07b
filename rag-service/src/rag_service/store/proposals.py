"""The number of proposals per ticket, which is the revision of the event."""

from sqlalchemy import text
from sqlalchemy.orm import Session


def next_revision(session: Session, company_id: int, ticket_id: int) -> int:
    """Count one more proposal for a ticket, and return its number."""
    query = text("""
        insert into proposals as before (company_id, ticket_id, revision) values (:company, :ticket, 1)
        on conflict (company_id, ticket_id) do update
        set revision = before.revision + 1, proposed_at = clock_timestamp()
        returning revision
    """)
    return int(session.execute(query, {"company": company_id, "ticket": ticket_id}).scalar_one())


def delete(session: Session, company_id: int, ticket_id: int) -> None:
    """Delete the counter of a deleted ticket."""
    query = text("delete from proposals where company_id = :company and ticket_id = :ticket")
    session.execute(query, {"company": company_id, "ticket": ticket_id})
