"""Tickets of the last days with what happened to them, in pages, the newest first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# Tasks are numbered in the order in which they begin, so that the pages end soon after the last one wanted.
_TASKS = text("""
    select t.id, t.ticket_id, t.workflow_id, t.matched_by, t.created_at, t.completed_at, t.priority, t.department,
        t.team_id, k.category, k.sub_category
    from tasks t left join tickets k on k.company_id = t.company_id and k.ticket_id = t.ticket_id
    where t.company_id = :company and t.id < :before order by t.id desc limit :limit
""")
# Index: tickets_unmatched.
_UNMATCHED = text("""
    select null as id, ticket_id, null as workflow_id, '' as matched_by, unmatched_since as created_at,
        null as completed_at, priority, department, team_id, category, sub_category
    from tickets
    where company_id = :company and ticket_id < :before and unmatched_since is not null
    order by ticket_id desc limit :limit
""")
_BREACHES = text("""
    select task_id, kind, count(*) as number from breaches
    where company_id = :company and task_id = any(cast(:tasks as bigint[])) and retracted_at is null
    group by task_id, kind
""")
_FIRST_ASSIGNEES = text("""
    select distinct on (task_id) task_id, assigned_user from assignments
    where company_id = :company and task_id = any(cast(:tasks as bigint[])) order by task_id, id
""")


def only_read(session: Session) -> None:
    """Let the transaction write nothing."""
    session.execute(text("set transaction read only"))


def tasks(session: Session, company_id: int, *, before: int, limit: int) -> Sequence[Row[Any]]:
    """Return up to `limit` tasks numbered below `before` with what matching compares, the newest first."""
    return session.execute(_TASKS, {"company": company_id, "before": before, "limit": limit}).all()


def unmatched(session: Session, company_id: int, *, before: int, limit: int) -> Sequence[Row[Any]]:
    """Return up to `limit` tickets numbered below `before` that no workflow takes, in the form of `tasks`."""
    return session.execute(_UNMATCHED, {"company": company_id, "before": before, "limit": limit}).all()


def breaches(session: Session, company_id: int, task_ids: Sequence[int]) -> Mapping[int, Mapping[str, int]]:
    """Return how many breaches of tasks were declared and not retracted, by task and kind of clock."""
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in session.execute(_BREACHES, {"company": company_id, "tasks": list(task_ids)}):
        found[row.task_id][row.kind] = row.number
    return found


def first_assignees(session: Session, company_id: int, task_ids: Sequence[int]) -> Mapping[int, str | None]:
    """Return who got each task first."""
    rows = session.execute(_FIRST_ASSIGNEES, {"company": company_id, "tasks": list(task_ids)})
    return {row.task_id: row.assigned_user for row in rows}


def is_recent(row: Row[Any], since: datetime) -> bool:
    """Return whether a ticket began since an instant."""
    return bool(row.created_at >= since)
