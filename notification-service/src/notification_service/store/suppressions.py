"""Addresses that take no mails."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from notification_service.domain.suppression import Suppression


def add(session: Session, company_id: int, address: str, reason: str) -> None:
    """Suppress an address; one that is suppressed already stays as it is."""
    statement = text("""
        insert into suppressed_addresses (company_id, address, reason) values (:company, lower(:address), :reason)
        on conflict (company_id, address) do nothing
    """)
    session.execute(statement, {"company": company_id, "address": address, "reason": reason})


def page(session: Session, company_id: int, *, before: int, limit: int) -> list[Suppression]:
    """Return up to `limit` suppressed addresses before an id, the newest first."""
    query = text("""
        select id, address, reason, created_at from suppressed_addresses
        where company_id = :company and id < :before order by id desc limit :limit
    """)
    rows = session.execute(query, {"company": company_id, "before": before, "limit": limit})
    return [Suppression(**row._mapping) for row in rows]


def remove(session: Session, company_id: int, suppression_id: int) -> bool:
    """Let an address have mails again; return whether it was suppressed."""
    statement = text("delete from suppressed_addresses where company_id = :company and id = :id returning id")
    return session.execute(statement, {"company": company_id, "id": suppression_id}).first() is not None
