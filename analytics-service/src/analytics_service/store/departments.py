"""The departments that were announced."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

_REMEMBER = text("""
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
class Announced:
    """A department as it was announced."""

    company_id: int
    department_id: int
    name: str
    is_active: bool
    deleted: bool
    revision: int


def remember(session: Session, announced: Collection[Announced]) -> None:
    """Store announcements, at most one per department; an older one than the stored changes nothing."""
    session.execute(
        _REMEMBER,
        {
            "companies": plain(each.company_id for each in announced),
            "ids": plain(each.department_id for each in announced),
            "names": quoted(each.name for each in announced),
            "active": plain(each.is_active for each in announced),
            "deleted": plain(each.deleted for each in announced),
            "revisions": plain(each.revision for each in announced),
        },
    )


def known(session: Session, company: int) -> Sequence[str]:
    """Name the departments of a company that aren't deleted, inactive ones too."""
    query = text("select name from departments where company_id = :company and not deleted order by department_id")
    return session.execute(query, {"company": company}).scalars().all()
