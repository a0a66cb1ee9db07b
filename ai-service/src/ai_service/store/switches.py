"""What companies leave to machines, as events told."""

from collections.abc import Sequence
from dataclasses import dataclass

from service_kit.messaging.columns import plain
from sqlalchemy import text
from sqlalchemy.orm import Session

# A later revision wins whatever the order of arrival: created and updated are two types with one count.
_SAVE = text("""
    insert into company_switches as kept (company_id, auto_categorize, auto_prioritize, auto_assign, revision)
    select distinct on (company_id) *
    from unnest(
        cast(:companies as int[]), cast(:categorize as boolean[]), cast(:prioritize as boolean[]),
        cast(:assign as boolean[]), cast(:revisions as int[])
    ) as told (company_id, auto_categorize, auto_prioritize, auto_assign, revision)
    order by company_id, revision desc
    on conflict (company_id) do update
    set auto_categorize = excluded.auto_categorize, auto_prioritize = excluded.auto_prioritize,
        auto_assign = excluded.auto_assign, revision = excluded.revision
    where kept.revision < excluded.revision
""")


@dataclass(frozen=True)
class Told:
    """One company's switches as one event told of them."""

    company_id: int
    auto_categorize: bool
    auto_prioritize: bool
    auto_assign: bool
    revision: int


def save(session: Session, told: Sequence[Told]) -> None:
    """Keep what is newer than what was known."""
    session.execute(
        _SAVE,
        {
            "companies": plain(each.company_id for each in told),
            "categorize": plain(each.auto_categorize for each in told),
            "prioritize": plain(each.auto_prioritize for each in told),
            "assign": plain(each.auto_assign for each in told),
            "revisions": plain(each.revision for each in told),
        },
    )
