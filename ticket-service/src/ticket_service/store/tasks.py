"""The task that each ticket shows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from service_kit.database.pg_arrays import pg_array, pg_text_array
from service_kit.database.statements import Prepared, run
from sqlalchemy.orm import Session

from ticket_service.domain.task import Task

Key = tuple[int, int]
"""A ticket's company and number."""


@dataclass(frozen=True)
class ShownTask:
    """The task that a ticket shows, and the revision of the event that reported it."""

    company_id: int
    ticket_id: int
    task: Mapping[str, Any] | None
    revision: int


# Every batch locks in the same order, so that two batches that share tickets wait instead of deadlocking.
LOCK = Prepared(
    "lock_tasks",
    """
    select t.company_id, t.id, t.task, t.task_revision
    from tickets t
    join unnest(:company_ids, :ticket_ids) as k (company_id, id) using (company_id, id)
    order by t.company_id, t.id
    for no key update of t
    """,
    {"company_ids": "int[]", "ticket_ids": "bigint[]"},
)

SHOW = Prepared(
    "show_tasks",
    """
    update tickets t
    set task = r.task, assignee = r.task ->> 'assignee', task_revision = r.revision, updated_at = now(),
        version = t.version + 1, due = coalesce(cast(r.task ->> 'due' as timestamptz), '9999-12-31 23:59:59+00')
    from unnest(:company_ids, :ticket_ids, :tasks, :revisions) as r (company_id, ticket_id, task, revision)
    where t.company_id = r.company_id and t.id = r.ticket_id
    """,
    {"company_ids": "int[]", "ticket_ids": "bigint[]", "tasks": "jsonb[]", "revisions": "int[]"},
)


def lock_shown(session: Session, keys: Iterable[Key]) -> dict[Key, ShownTask]:
    """Lock tickets and return the task that each shows; deleted tickets are left out."""
    wanted = sorted(set(keys))
    values = {
        "company_ids": pg_array(company_id for company_id, _ in wanted),
        "ticket_ids": pg_array(ticket_id for _, ticket_id in wanted),
    }
    return {(row.company_id, row.id): ShownTask(*row) for row in run(session, [LOCK], values)}


def show(session: Session, tasks: Mapping[Key, Task]) -> None:
    """Store the tasks that tickets show."""
    if not tasks:
        return
    values = {
        "company_ids": pg_array(company_id for company_id, _ in tasks),
        "ticket_ids": pg_array(ticket_id for _, ticket_id in tasks),
        "tasks": pg_text_array(orjson.dumps(task.shown()).decode() for task in tasks.values()),
        "revisions": pg_array(task.revision for task in tasks.values()),
    }
    run(session, [SHOW], values)
