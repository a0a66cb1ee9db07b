"""The replica of auth-service's teams. A deleted team stays as a tombstone, so that a late event can't restore it."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.database.pg_arrays import pg_array, pg_text_array
from sqlalchemy import text
from sqlalchemy.orm import Session

# The highest revision wins whatever the order of arrival: created, updated and deleted share one series of revisions.
_UPSERT = text("""
    insert into teams as stored (company_id, team_id, name, department, is_active, gone, revision)
    select distinct on (company_id, team_id) *
    from unnest(
        cast(:companies as int[]), cast(:ids as bigint[]), cast(:names as text[]), cast(:departments as text[]),
        cast(:active as boolean[]), cast(:gone as boolean[]), cast(:revisions as int[])
    ) as snapshot (company_id, team_id, name, department, is_active, gone, revision)
    order by company_id, team_id, revision desc
    on conflict (company_id, team_id) do update
    set name = excluded.name, department = excluded.department, is_active = excluded.is_active, gone = excluded.gone,
        revision = excluded.revision
    where stored.revision < excluded.revision
""")


@dataclass(frozen=True)
class TeamSnapshot:
    """A team as one event describes it."""

    company_id: int
    team_id: int
    name: str
    department: str | None
    is_active: bool
    gone: bool
    revision: int


def upsert(session: Session, snapshots: Sequence[TeamSnapshot]) -> None:
    """Insert or update teams; a revision older than the stored one changes nothing."""
    session.execute(
        _UPSERT,
        {
            "companies": pg_array(team.company_id for team in snapshots),
            "ids": pg_array(team.team_id for team in snapshots),
            "names": pg_text_array(team.name for team in snapshots),
            "departments": pg_text_array(team.department for team in snapshots),
            "active": pg_array(team.is_active for team in snapshots),
            "gone": pg_array(team.gone for team in snapshots),
            "revisions": pg_array(team.revision for team in snapshots),
        },
    )
