"""What tickets show of their routing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service_kit.database.engine import Database
from service_kit.messaging import columns
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from ticket_service.domain.routing import Routing
from ticket_service.domain.words import Run
from ticket_service.store.tables import tickets


@dataclass(frozen=True)
class Shown:
    """The routing part of a ticket."""

    ticket_id: int
    department: str | None
    category: str
    priority: str
    confidence_score: float | None
    need_admin: bool
    team: str | None
    decided_by: str | None
    run: Run
    created_at: datetime


SHOW = text("""
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
        routed_at = now(),
        updated_at = now(),
        run = case when t.run in ('pending', 'processing') then 'completed' else t.run end
    from unnest(cast(:ticket_ids as bigint[]), cast(:departments as text[]), cast(:categories as text[]),
                cast(:priorities as text[]), cast(:scores as double precision[]), cast(:need_admins as boolean[]),
                cast(:team_ids as bigint[]), cast(:teams as text[]), cast(:deciders as text[]),
                cast(:reasons as text[]), cast(:revisions as int[]))
         as r (ticket_id, department, category, priority, confidence_score, need_admin, team_id, team, decided_by,
               reason, revision)
    where t.id = r.ticket_id
""")


def lock_shown(session: Session, ticket_ids: Sequence[int]) -> dict[int, Shown]:
    """Return what the tickets show now and hold them; those that are gone are left out."""
    c = tickets.c
    query = (
        select(
            c.id, c.department, c.category, c.priority, c.confidence_score, c.need_admin, c.team, c.decided_by,
            c.run, c.created_at,
        )
        .where(c.id.in_(sorted(set(ticket_ids))))
        # One order for everybody: two batches that share tickets then wait instead of deadlocking.
        .order_by(c.id)
        .with_for_update()
    )  # fmt: skip
    return {row.id: Shown(row.id, *row[1:8], Run(row.run), row.created_at) for row in session.execute(query)}


def show(session: Session, routings: Mapping[int, Routing]) -> None:
    """Let tickets show these routings; a ticket's number is its key."""
    if not routings:
        return
    each = list(routings.values())
    session.execute(
        SHOW,
        {
            "ticket_ids": columns.plain(routings),
            "departments": columns.quoted(routing.department for routing in each),
            "categories": columns.quoted(routing.category for routing in each),
            "priorities": columns.quoted(routing.priority for routing in each),
            "scores": columns.plain(routing.confidence_score for routing in each),
            "need_admins": columns.plain(routing.need_admin for routing in each),
            "team_ids": columns.plain("NULL" if routing.team_id is None else routing.team_id for routing in each),
            "teams": columns.quoted(routing.team for routing in each),
            "deciders": columns.quoted(routing.decided_by for routing in each),
            "reasons": columns.quoted(routing.reason for routing in each),
            "revisions": columns.plain(routing.revision for routing in each),
        },
    )


ROUTED_SINCE = """
select t.id, t.routed_revision from tickets t
join unnest(cast(%(ticket_ids)s as bigint[]), cast(%(revisions)s as int[])) as w (ticket_id, revision)
  on t.id = w.ticket_id and t.routed_revision > w.revision
"""


def routed_since(database: Database, company_id: int, revisions: Mapping[int, int]) -> dict[int, int]:
    """Return {number: routing} of those tickets (number: routing already seen) whose routing changed since."""
    parameters = {"ticket_ids": columns.plain(revisions), "revisions": columns.plain(revisions.values())}
    return {row.id: row.routed_revision for row in database.execute_and_commit(company_id, ROUTED_SINCE, parameters)}
