"""The replica of routing-service's departments."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

_UPSERT = text("""
    insert into departments as d (company_id, department_id, name, is_active, deleted, revision)
    select * from unnest(cast(:companies as int[]), cast(:ids as bigint[]), cast(:names as text[]),
        cast(:active as boolean[]), cast(:deleted as boolean[]), cast(:revisions as int[]))
        as n(company_id, department_id, name, is_active, deleted, revision)
    order by company_id, department_id
    on conflict (company_id, department_id) do update set name = excluded.name, is_active = excluded.is_active,
        deleted = excluded.deleted, revision = excluded.revision
    where d.revision < excluded.revision
""")


@dataclass(frozen=True)
class DepartmentSnapshot:
    """A department as one event describes it."""

    company_id: int
    department_id: int
    name: str
    is_active: bool
    deleted: bool
    revision: int


def upsert(session: Session, snapshots: Collection[DepartmentSnapshot]) -> None:
    """Insert or update departments, at most one each; a revision older than the stored one changes nothing."""
    session.execute(
        _UPSERT,
        {
            "companies": pg_array(department.company_id for department in snapshots),
            "ids": pg_array(department.department_id for department in snapshots),
            "names": pg_text_array(department.name for department in snapshots),
            "active": pg_array(department.is_active for department in snapshots),
            "deleted": pg_array(department.deleted for department in snapshots),
            "revisions": pg_array(department.revision for department in snapshots),
        },
    )


def existing_names(session: Session, company_id: int) -> Sequence[str]:
    """Return the names of a company's departments that aren't deleted, inactive ones too."""
    query = text("select name from departments where company_id = :company and not deleted order by department_id")
    return session.execute(query, {"company": company_id}).scalars().all()
