"""The facts about tickets that their clocks follow from. They arrive in any order, and before a ticket has a task."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from projection_kit.locked_rows import Key
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.calendar import Pause
from workflow_service.domain.facts import Comment, PriorityChange, StatusChange

STATUS, PRIORITY, COMMENT = "status", "priority", "comment"
TaskKey = tuple[int, int]
"""Company, task."""

_ADD = Prepared(
    "add_facts",
    """
    insert into ticket_facts (company_id, ticket_id, kind, at, revision, value)
    select company_id, ticket_id, kind, at, revision, value
    from jsonb_to_recordset(:facts)
        as n (company_id int, ticket_id bigint, kind text, at timestamptz, revision int, value text)
    order by company_id, ticket_id, kind, at, revision, value
    on conflict do nothing
    """,
    {"facts": "jsonb"},
)
_OF_TICKETS = Prepared(
    "facts_of_tickets",
    """
    select company_id, ticket_id, kind, at, revision, value from ticket_facts
    where (company_id, ticket_id) in (select * from unnest(:companies, :ids))
    order by at, revision
    """,
    {"companies": "int[]", "ids": "bigint[]"},
)
_REMOVE = text("""
    delete from ticket_facts f
    using unnest(cast(:companies as int[]), cast(:ids as bigint[])) as w (company_id, ticket_id)
    where f.company_id = w.company_id and f.ticket_id = w.ticket_id
""")
_HISTORY = Prepared(
    "histories_of_tasks",
    """
    select company_id, task_id, at, action, from_status, to_status, from_step, to_step from task_events
    where (company_id, task_id) in (select * from unnest(:companies, :ids))
        and (from_status is null or from_status <> to_status or from_step <> to_step)
    order by id
    """,
    {"companies": "int[]", "ids": "bigint[]"},
)


@dataclass(frozen=True)
class Fact:
    """One fact about a ticket, at the time at which it happened."""

    company_id: int
    ticket_id: int
    kind: str
    at: datetime
    revision: int
    value: str


@dataclass
class TicketFacts:
    """All facts about a ticket."""

    statuses: list[StatusChange]
    priorities: list[PriorityChange]
    comments: list[Comment]


@dataclass
class TaskHistory:
    """When a task reached which step, and when it was completed."""

    steps: list[tuple[datetime, str]]
    completions: list[Pause]


def add(session: Session, facts: Sequence[Fact]) -> None:
    """Store facts; those that are known change nothing."""
    if facts:
        run(session, [_ADD], {"facts": orjson.dumps([vars(fact) for fact in facts]).decode()})


def of_tickets(session: Session, keys: Collection[Key]) -> dict[Key, TicketFacts]:
    """Return the facts about tickets."""
    found: defaultdict[Key, TicketFacts] = defaultdict(lambda: TicketFacts([], [], []))
    for row in run(session, [_OF_TICKETS], _arrays(keys)):
        facts = found[row.company_id, row.ticket_id]
        if row.kind == STATUS:
            facts.statuses.append(StatusChange(row.at, row.revision, row.value))
        elif row.kind == PRIORITY:
            facts.priorities.append(PriorityChange(row.at, row.revision, row.value))
        else:
            facts.comments.append(Comment(row.at, row.value))
    return found


def remove_of_tickets(session: Session, keys: Collection[Key]) -> None:
    """Delete the facts about tickets."""
    session.execute(_REMOVE, _arrays(keys))


def histories(session: Session, keys: Collection[TaskKey]) -> dict[TaskKey, TaskHistory]:
    """Return the steps and completions of tasks, the oldest first."""
    found: defaultdict[TaskKey, TaskHistory] = defaultdict(lambda: TaskHistory([], []))
    for row in run(session, [_HISTORY], _arrays(keys)):
        _follow(found[row.company_id, row.task_id], row)
    return found


def history_of_new(at: datetime, step: str) -> TaskHistory:
    """Return the history of a task that began at its first step."""
    return TaskHistory([(at, step)], [])


def _follow(history: TaskHistory, row: Any) -> None:
    if row.from_step != row.to_step:
        history.steps.append((row.at, row.to_step))
    is_done, done = row.to_status in ("completed", "closed"), history.completions
    # A task that followed its ticket ended with it, at the time of that fact and not of its arrival.
    by_person = not row.action.startswith("ticket ")
    if is_done and by_person and (not done or done[-1].end is not None):
        done.append(Pause(row.at))
    elif not is_done and done and done[-1].end is None:
        done[-1] = Pause(done[-1].start, row.at)


def _arrays(keys: Collection[tuple[int, int]]) -> dict[str, list[int]]:
    return {"companies": [key[0] for key in keys], "ids": [key[1] for key in keys]}
