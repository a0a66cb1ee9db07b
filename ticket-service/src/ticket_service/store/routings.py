"""What tickets show of their routing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service_kit.database.statements import Prepared, run, run_later
from service_kit.messaging.columns import plain, quoted
from sqlalchemy.orm import Session

from ticket_service.domain.routing import Routing


@dataclass(frozen=True)
class Shown:
    """The routing part of a ticket."""

    company_id: int
    ticket_id: int
    department: str | None
    category: str
    priority: str
    confidence_score: float | None
    need_admin: bool
    team: str | None
    decided_by: str | None
    run: str
    created_at: datetime


Key = tuple[int, int]
"""A ticket's company and number: a batch sees several companies, and an event must reach its own company's ticket."""

# In one order for everybody: two batches that share tickets then wait instead of deadlocking.
LOCK = Prepared(
    "lock_shown",
    """
    select t.company_id, t.id, t.department, t.category, t.priority, t.confidence_score, t.need_admin, t.team,
           t.decided_by, t.run, t.created_at
    from tickets t
    join unnest(:company_ids, :ticket_ids) as k (company_id, id) using (company_id, id)
    order by t.company_id, t.id
    for no key update of t
    """,
    {"company_ids": "int[]", "ticket_ids": "bigint[]"},
)

SHOW = Prepared(
    "show_routings",
    """
    update tickets t
    set department = r.department,
        category = r.category,
        -- A priority that a person gave outlasts what machines propose.
        priority = case when t.priority_given then t.priority else r.priority end,
        confidence_score = r.confidence_score,
        need_admin = r.need_admin,
        team_id = r.team_id,
        team = r.team,
        decided_by = r.decided_by,
        reason = r.reason,
        routed_revision = r.revision,
        wish_answered = greatest(t.wish_answered, r.wish_revision),
        routed_at = now(),
        updated_at = now(),
        run = case when t.run in ('pending', 'processing') then 'completed' else t.run end
    from unnest(:company_ids, :ticket_ids, :departments, :categories, :priorities, :scores, :need_admins, :team_ids,
                :teams, :deciders, :reasons, :revisions, :wish_revisions)
         as r (company_id, ticket_id, department, category, priority, confidence_score, need_admin, team_id, team,
               decided_by, reason, revision, wish_revision)
    where t.company_id = r.company_id and t.id = r.ticket_id
    """,
    {
        "company_ids": "int[]",
        "ticket_ids": "bigint[]",
        "departments": "text[]",
        "categories": "text[]",
        "priorities": "text[]",
        "scores": "double precision[]",
        "need_admins": "boolean[]",
        "team_ids": "bigint[]",
        "teams": "text[]",
        "deciders": "text[]",
        "reasons": "text[]",
        "revisions": "int[]",
        "wish_revisions": "int[]",
    },
)

# One look into the index per ticket, whatever the planner believes: on a table without statistics it joined with all
# tickets of the company (8 ms at 3,000).
ANSWERED = Prepared(
    "wishes_answered",
    """
    select w.ticket_id, t.wish_answered from unnest(:ticket_ids, :wishes) as w (ticket_id, wish)
    cross join lateral (
        select wish_answered from tickets
        where company_id = :company_id and id = w.ticket_id and routed_revision > 0 and wish_answered >= w.wish
        limit 1
    ) t
    """,
    {"company_id": "int", "ticket_ids": "bigint[]", "wishes": "int[]"},
)


def lock_shown(session: Session, keys: Iterable[Key]) -> dict[Key, Shown]:
    """Return what the tickets show now and hold them; those that are gone are left out."""
    wanted = sorted(set(keys))
    rows = run(
        session,
        [LOCK],
        {
            "company_ids": plain(company_id for company_id, _ in wanted),
            "ticket_ids": plain(ticket_id for _, ticket_id in wanted),
        },
    )
    return {(row.company_id, row.id): Shown(*row) for row in rows}


def show(session: Session, routings: Mapping[Key, Routing]) -> None:
    """Let tickets show these routings, from the transaction's next statement or its commit on."""
    if not routings:
        return
    each = list(routings.values())
    run_later(
        session,
        [SHOW],
        {
            "company_ids": plain(company_id for company_id, _ in routings),
            "ticket_ids": plain(ticket_id for _, ticket_id in routings),
            "departments": quoted(routing.department for routing in each),
            "categories": quoted(routing.category for routing in each),
            "priorities": quoted(routing.priority for routing in each),
            "scores": plain(routing.confidence_score for routing in each),
            "need_admins": plain(routing.need_admin for routing in each),
            "team_ids": plain("NULL" if routing.team_id is None else routing.team_id for routing in each),
            "teams": quoted(routing.team for routing in each),
            "deciders": quoted(routing.decided_by for routing in each),
            "reasons": quoted(routing.reason for routing in each),
            "revisions": plain(routing.revision for routing in each),
            "wish_revisions": plain(routing.wish_revision for routing in each),
        },
    )
