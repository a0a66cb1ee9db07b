"""The replica of auth-service's teams."""

from collections.abc import Iterable

from projection_kit.locked_rows import Key
from sqlalchemy import text
from sqlalchemy.orm import Session

_MEMBERS = text("""
    select t.company_id, t.team_id, t.addresses from teams t
    join unnest(cast(:companies as int[]), cast(:teams as bigint[])) as w (company_id, id)
        on t.company_id = w.company_id and t.team_id = w.id
    where t.is_active
""")


def members(session: Session, keys: Iterable[Key]) -> dict[Key, list[str]]:
    """Return the addresses of the members of active teams, by company and team."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    values = {"companies": [key[0] for key in wanted], "teams": [key[1] for key in wanted]}
    return {(row.company_id, row.team_id): row.addresses for row in session.execute(_MEMBERS, values)}
