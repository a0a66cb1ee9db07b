"""Teams as events told of them; one that was deleted stays, gone, so that a late event can't bring it back."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.columns import plain, quoted
from sqlalchemy import text
from sqlalchemy.orm import Session

# A later revision wins whatever the order of arrival: created, updated and deleted are three types with one count.
_SAVE = text("""
    insert into teams as kept (company_id, team_id, name, department, is_active, gone, revision)
    select distinct on (company_id, team_id) *
    from unnest(
        cast(:companies as int[]), cast(:ids as bigint[]), cast(:names as text[]), cast(:departments as text[]),
        cast(:active as boolean[]), cast(:gone as boolean[]), cast(:revisions as int[])
    ) as told (company_id, team_id, name, department, is_active, gone, revision)
    order by company_id, team_id, revision desc
    on conflict (company_id, team_id) do update
    set name = excluded.name, department = excluded.department, is_active = excluded.is_active, gone = excluded.gone,
        revision = excluded.revision
    where kept.revision < excluded.revision
""")


@dataclass(frozen=True)
class Told:
    """One team as one event told of it."""

    company_id: int
    team_id: int
    name: str
    department: str | None
    is_active: bool
    gone: bool
    revision: int


def save(session: Session, told: Sequence[Told]) -> None:
    """Keep what is newer than what was known."""
    session.execute(
        _SAVE,
        {
            "companies": plain(each.company_id for each in told),
            "ids": plain(each.team_id for each in told),
            "names": quoted(each.name for each in told),
            "departments": quoted(each.department for each in told),
            "active": plain(each.is_active for each in told),
            "gone": plain(each.gone for each in told),
            "revisions": plain(each.revision for each in told),
        },
    )
