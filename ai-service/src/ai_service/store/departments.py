"""The replica of routing-service's departments; deleted ones stay, as inactive, or seeded ones would be assumed."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

# The higher revision wins, whatever the order of arrival: created, updated and deleted count revisions together.
_UPSERT = text("""
    insert into departments as replica (company_id, department_id, name, description, is_active, revision)
    select distinct on (company_id, department_id) *
    from unnest(
        cast(:companies as int[]), cast(:ids as bigint[]), cast(:names as text[]), cast(:descriptions as text[]),
        cast(:active as boolean[]), cast(:revisions as int[])
    ) as given (company_id, department_id, name, description, is_active, revision)
    order by company_id, department_id, revision desc
    on conflict (company_id, department_id) do update
    set name = excluded.name, description = excluded.description, is_active = excluded.is_active,
        revision = excluded.revision
    where replica.revision < excluded.revision
""")


@dataclass(frozen=True)
class DepartmentSnapshot:
    """A department as one event describes it."""

    company_id: int
    department_id: int
    name: str
    description: str
    is_active: bool
    revision: int


def upsert(session: Session, snapshots: Sequence[DepartmentSnapshot]) -> None:
    """Insert the snapshots, or replace rows of a lower revision."""
    session.execute(
        _UPSERT,
        {
            "companies": pg_array(each.company_id for each in snapshots),
            "ids": pg_array(each.department_id for each in snapshots),
            "names": pg_text_array(each.name for each in snapshots),
            "descriptions": pg_text_array(each.description for each in snapshots),
            "active": pg_array(each.is_active for each in snapshots),
            "revisions": pg_array(each.revision for each in snapshots),
        },
    )
