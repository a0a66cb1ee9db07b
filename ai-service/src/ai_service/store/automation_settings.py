"""The replica of companies' automation settings: what is categorized, prioritized and assigned automatically."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array
from sqlalchemy import text
from sqlalchemy.orm import Session

# The higher revision wins, whatever the order of arrival: created and updated count revisions together.
_UPSERT = text("""
    insert into company_switches as replica (company_id, auto_categorize, auto_prioritize, auto_assign, revision)
    select distinct on (company_id) *
    from unnest(
        cast(:companies as int[]), cast(:categorize as boolean[]), cast(:prioritize as boolean[]),
        cast(:assign as boolean[]), cast(:revisions as int[])
    ) as given (company_id, auto_categorize, auto_prioritize, auto_assign, revision)
    order by company_id, revision desc
    on conflict (company_id) do update
    set auto_categorize = excluded.auto_categorize, auto_prioritize = excluded.auto_prioritize,
        auto_assign = excluded.auto_assign, revision = excluded.revision
    where replica.revision < excluded.revision
""")


@dataclass(frozen=True)
class AutomationSnapshot:
    """A company's settings as one event describes them."""

    company_id: int
    auto_categorize: bool
    auto_prioritize: bool
    auto_assign: bool
    revision: int


def upsert(session: Session, snapshots: Sequence[AutomationSnapshot]) -> None:
    """Insert the snapshots, or replace rows of a lower revision."""
    session.execute(
        _UPSERT,
        {
            "companies": pg_array(each.company_id for each in snapshots),
            "categorize": pg_array(each.auto_categorize for each in snapshots),
            "prioritize": pg_array(each.auto_prioritize for each in snapshots),
            "assign": pg_array(each.auto_assign for each in snapshots),
            "revisions": pg_array(each.revision for each in snapshots),
        },
    )
