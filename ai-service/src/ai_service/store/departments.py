"""Departments as events told of them; one that was deleted stays, inactive, so that its name isn't assumed again."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

# A later revision wins whatever the order of arrival: created, updated and deleted are three types with one count.
_SAVE = text("""
    insert into departments as kept (company_id, department_id, name, description, is_active, revision)
    select distinct on (company_id, department_id) *
    from unnest(
        cast(:companies as int[]), cast(:ids as bigint[]), cast(:names as text[]), cast(:descriptions as text[]),
        cast(:active as boolean[]), cast(:revisions as int[])
    ) as told (company_id, department_id, name, description, is_active, revision)
    order by company_id, department_id, revision desc
    on conflict (company_id, department_id) do update
    set name = excluded.name, description = excluded.description, is_active = excluded.is_active,
        revision = excluded.revision
    where kept.revision < excluded.revision
""")


@dataclass(frozen=True)
class Told:
    """One department as one event told of it."""

    company_id: int
    department_id: int
    name: str
    description: str
    is_active: bool
    revision: int


def save(session: Session, told: Sequence[Told]) -> None:
    """Keep what is newer than what was known."""
    session.execute(
        _SAVE,
        {
            "companies": plain(each.company_id for each in told),
            "ids": plain(each.department_id for each in told),
            "names": quoted(each.name for each in told),
            "descriptions": quoted(each.description for each in told),
            "active": plain(each.is_active for each in told),
            "revisions": plain(each.revision for each in told),
        },
    )
