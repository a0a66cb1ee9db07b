"""The routing that each ticket shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from ticket_service.domain.routing import Routing


@dataclass(frozen=True)
class ShownRouting:
    """The routing that a ticket shows, and the mode of its solution."""

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
    solution_mode: str | None


Key = tuple[int, int]
"""A ticket's company and number: a batch holds several companies, and an event must reach its own company's ticket."""

# Every batch locks in the same order, so that two batches that share tickets wait instead of deadlocking.
LOCK = Prepared(
    "lock_shown",
    """
    select t.company_id, t.id, t.department, t.category, t.priority, t.confidence_score, t.need_admin, t.team,
           t.decided_by, t.run, t.created_at, t.solution_mode
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
        -- A category or priority that the caller or a person gave takes precedence over predicted ones.
        category = case when t.category_given then t.category else r.category end,
        priority = case when t.priority_given then t.priority else r.priority end,
        confidence_score = r.confidence_score,
        need_admin = r.need_admin,
        team_id = r.team_id,
        team = r.team,
        decided_by = r.decided_by,
        reason = r.reason,
        routed_revision = r.revision,
        wish_answered = greatest(t.wish_answered, r.request_revision),
        routed_at = now(),
        updated_at = now(),
        version = t.version + 1,
        run = case when t.run in ('pending', 'processing') then 'completed' else t.run end
    from unnest(:company_ids, :ticket_ids, :departments, :categories, :priorities, :scores, :need_admins, :team_ids,
                :teams, :deciders, :reasons, :revisions, :request_revisions)
         as r (company_id, ticket_id, department, category, priority, confidence_score, need_admin, team_id, team,
               decided_by, reason, revision, request_revision)
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
        "request_revisions": "int[]",
    },
)

# The lateral join forces one index lookup per ticket: on a table without statistics the planner joined all tickets of
# the company (8 ms for 3,000 tickets).
ANSWERED = Prepared(
    "requests_answered",
    """
    select r.ticket_id, t.wish_answered from unnest(:ticket_ids, :request_revisions) as r (ticket_id, revision)
    cross join lateral (
        select wish_answered from tickets
        where company_id = :company_id and id = r.ticket_id and routed_revision > 0 and wish_answered >= r.revision
        limit 1
    ) t
    """,
    {"company_id": "int", "ticket_ids": "bigint[]", "request_revisions": "int[]"},
)


def lock_shown(session: Session, keys: Iterable[Key]) -> dict[Key, ShownRouting]:
    """Lock tickets and return the routing that each shows; deleted tickets are left out."""
    wanted = sorted(set(keys))
    rows = run(
        session,
        [LOCK],
        {
            "company_ids": pg_array(company_id for company_id, _ in wanted),
            "ticket_ids": pg_array(ticket_id for _, ticket_id in wanted),
        },
    )
    return {(row.company_id, row.id): ShownRouting(*row) for row in rows}


def show(session: Session, routings: Mapping[Key, Routing]) -> None:
    """Store the routings that tickets show."""
    if not routings:
        return
    values = list(routings.values())
    run(
        session,
        [SHOW],
        {
            "company_ids": pg_array(company_id for company_id, _ in routings),
            "ticket_ids": pg_array(ticket_id for _, ticket_id in routings),
            "departments": pg_text_array(routing.department for routing in values),
            "categories": pg_text_array(routing.category for routing in values),
            "priorities": pg_text_array(routing.priority for routing in values),
            "scores": pg_array(routing.confidence_score for routing in values),
            "need_admins": pg_array(routing.need_admin for routing in values),
            "team_ids": pg_array("NULL" if routing.team_id is None else routing.team_id for routing in values),
            "teams": pg_text_array(routing.team for routing in values),
            "deciders": pg_text_array(routing.decided_by for routing in values),
            "reasons": pg_text_array(routing.reason for routing in values),
            "revisions": pg_array(routing.revision for routing in values),
            "request_revisions": pg_array(routing.request_revision for routing in values),
        },
    )
