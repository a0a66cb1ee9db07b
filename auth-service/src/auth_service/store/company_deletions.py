"""Records of deleted companies. They belong to the operator, so there is no row-level security."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from auth_service.domain.company_deletion import CompanyDeletion, Deleter

_ADD = text(
    "insert into company_deletions (id, actor_kind, actor, key_id, origin, request_id)"
    " values (:company, :kind, :actor, :key_id, :origin, :request_id)"
)
_LIST = text("""
    select id as company_id, d.deleted_at, d.removed_at, c.actor_kind, c.actor, c.key_id, c.origin, c.request_id
    from deleted_companies d left join company_deletions c using (id) order by d.deleted_at, id
""")


def add(session: Session, company_id: int, by: Deleter, request_id: str) -> None:
    """Record who deletes a company, in the transaction of its deletion."""
    session.execute(_ADD, {"company": company_id, "request_id": request_id, **vars(by)})


def listed(session: Session) -> list[CompanyDeletion]:
    """Return the deletions of all companies, the oldest first."""
    return [
        CompanyDeletion(
            company_id=row.company_id,
            deleted_at=row.deleted_at,
            removed_at=row.removed_at,
            by=None if row.actor is None else Deleter(row.actor_kind, row.actor, row.origin, row.key_id),
            request_id=row.request_id or "",
        )
        for row in session.execute(_LIST)
    ]
