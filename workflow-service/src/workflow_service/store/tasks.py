"""Tasks. A transaction that changes one locks the company's turns first (`people.take_turns`), then the task."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson
from projection_kit.locked_rows import Key
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.deal import Choice
from workflow_service.domain.task import PENDING, Task

COLUMNS = ", ".join("ticket_uuid::text as ticket_uuid" if f.name == "ticket_uuid" else f.name for f in fields(Task))
_FIELDS = tuple(field.name for field in fields(Task))
_TYPES = {
    "company_id": "int", "id": "bigint", "ticket_id": "bigint", "ticket_uuid": "uuid", "workflow_id": "bigint",
    "workflow_version": "int", "team_id": "bigint", "assigned_at": "timestamptz", "version": "int", "revision": "int",
    "completed_at": "timestamptz", "created_at": "timestamptz", "updated_at": "timestamptz",
    "calendar_version": "int", "sla_deadline": "timestamptz", "is_sla_breached": "boolean", "clocks": "jsonb",
}  # fmt: skip
_ADDED = (
    "company_id", "id", "ticket_id", "ticket_uuid", "external_ticket_id", "workflow_id", "workflow_version",
    "matched_by", "department", "team_id", "team", "priority", "status", "step", "assigned_user", "assigned_at",
    "sla_deadline", "is_sla_breached", "clocks", "version", "revision", "created_at", "updated_at", "calendar_version",
)  # fmt: skip
_CHANGED = (
    "department", "team_id", "team", "priority", "status", "step", "resume_step", "assigned_user", "assigned_at",
    "completed_at", "sla_deadline", "is_sla_breached", "clocks", "external_state", "version", "revision",
)  # fmt: skip


_BEGUN: Mapping[str, Any] = {
    "status": PENDING, "resume_step": None, "sla_deadline": None, "is_sla_breached": False, "clocks": None,
    "version": 1, "revision": 1, "completed_at": None,
}  # fmt: skip
ADDRESS_CHANGED = "address changed"
"""The action by which a task stays with a person who has another address by now."""


def _record(names: Sequence[str]) -> str:
    return ", ".join(f"{name} {_TYPES.get(name, 'text')}" for name in names)


_ADD = Prepared(
    "add_tasks",
    f"""
    insert into tasks ({", ".join(_ADDED)}) overriding system value
    select {", ".join(_ADDED)} from jsonb_to_recordset(:tasks) as n ({_record(_ADDED)}) order by company_id, ticket_id
    """,
    {"tasks": "jsonb"},
)
_NUMBERS = Prepared(
    "numbers_of_new_tasks",
    """
    select nextval(pg_get_serial_sequence('tasks', 'id')) as id, clock_timestamp() as at
    from generate_series(1, :number)
    """,
    {"number": "int"},
)
# One index lookup per ticket, whatever the statistics.
_WITH_TASK = Prepared(
    "tickets_with_task",
    """
    select company_id, ticket_id from unnest(:companies, :tickets) as asked (company_id, ticket_id)
    where (select true from tasks t
           where t.company_id = asked.company_id and t.ticket_id = asked.ticket_id limit 1)
    """,
    {"companies": "int[]", "tickets": "bigint[]"},
)
# The guard: a task that is no longer as it was read isn't changed.
_CHANGE = Prepared(
    "change_tasks",
    f"""
    update tasks t set {", ".join(f"{name} = n.{name}" for name in _CHANGED)}, updated_at = clock_timestamp()
    from jsonb_to_recordset(:tasks) as n ({_record(("company_id", "id", *_CHANGED))})
    where t.company_id = n.company_id and t.id = n.id and t.revision = n.revision - 1
    returning t.id
    """,
    {"tasks": "jsonb"},
)
_LOCK = Prepared(
    "lock_task",
    f"select {COLUMNS} from tasks where company_id = :company and id = :id for update",
    {"company": "int", "id": "bigint"},
)
_ADD_EVENTS = Prepared(
    "add_task_events",
    """
    insert into task_events
        (company_id, task_id, action, actor, from_status, to_status, from_step, to_step, from_user, to_user, notes)
    select company_id, task_id, action, actor, from_status, to_status, from_step, to_step, from_user, to_user, notes
    from jsonb_to_recordset(:events) as n (company_id int, task_id bigint, action text,
        actor text, from_status text, to_status text, from_step text, to_step text, from_user text, to_user text,
        notes text)
    """,
    {"events": "jsonb"},
)
_ADD_ASSIGNMENTS = Prepared(
    "add_assignments",
    """
    insert into assignments (company_id, task_id, assigned_user, method, pool, candidates)
    select company_id, task_id, assigned_user, method, pool, candidates
    from jsonb_to_recordset(:assignments) as n (company_id int, task_id bigint, assigned_user text,
        method text, pool text, candidates jsonb)
    """,
    {"assignments": "jsonb"},
)


@dataclass(frozen=True)
class Change:
    """A change of a task, as its history shows it. `before` is None for a new task."""

    action: str
    actor: str
    before: Task | None
    after: Task
    notes: str = ""
    choice: Choice | None = None
    """How the assignee was chosen, where one was."""


def find(session: Session, company_id: int, task_id: int) -> Task | None:
    """Return a task, None without one."""
    query = text(f"select {COLUMNS} from tasks where company_id = :company and id = :id")
    row = session.execute(query, {"company": company_id, "id": task_id}).one_or_none()
    return None if row is None else task_of(row)


def lock(session: Session, company_id: int, task_id: int) -> Task | None:
    """Lock a task until the transaction ends and return it; None without one."""
    rows = run(session, [_LOCK], {"company": company_id, "id": task_id})
    return task_of(rows[0]) if rows else None


def id_of_ticket(session: Session, company_id: int, ticket_id: int) -> int | None:
    """Return the id of a ticket's task, None without one."""
    query = text("select id from tasks where company_id = :company and ticket_id = :ticket")
    return session.execute(query, {"company": company_id, "ticket": ticket_id}).scalar_one_or_none()


def keys_with_task(session: Session, keys: Collection[Key]) -> set[Key]:
    """Return which tickets have a task."""
    values = {"companies": [key[0] for key in keys], "tickets": [key[1] for key in keys]}
    return {(row.company_id, row.ticket_id) for row in run(session, [_WITH_TASK], values)}


def of_tickets(session: Session, keys: Collection[Key]) -> dict[Key, Task]:
    """Lock the tasks of tickets in one order and return them by company and ticket."""
    query = text(f"""
        select {COLUMNS} from tasks where (company_id, ticket_id) in
            (select * from unnest(cast(:companies as int[]), cast(:tickets as bigint[])))
        order by company_id, id for update
    """)
    values = {"companies": [key[0] for key in keys], "tickets": [key[1] for key in keys]}
    found = [task_of(row) for row in session.execute(query, values)]
    return {(task.company_id, task.ticket_id): task for task in found}


def begin(session: Session, new: Sequence[Mapping[str, Any]]) -> list[Task]:
    """Return new tasks, in order, with their ids; `add` inserts them once their clocks are computed.

    Each has one event, `ticket.assigned`.
    """
    numbered = zip(run(session, [_NUMBERS], {"number": len(new)}), new, strict=True)
    return [Task(**_BEGUN, **values, id=row.id, created_at=row.at, updated_at=row.at) for row, values in numbered]


def add(session: Session, tasks: Sequence[Task]) -> None:
    """Insert new tasks."""
    rows = [{name: getattr(task, name) for name in _ADDED} for task in tasks]
    run(session, [_ADD], {"tasks": orjson.dumps(rows).decode()})


def change(session: Session, tasks: Sequence[Task]) -> None:
    """Store locked tasks, each with its next revision."""
    changed = [{name: getattr(task, name) for name in ("company_id", "id", *_CHANGED)} for task in tasks]
    stored = run(session, [_CHANGE], {"tasks": orjson.dumps(changed).decode()})
    assert len(stored) == len(tasks), "a locked task was changed by somebody else"


def record(session: Session, changes: Sequence[Change]) -> None:
    """Append changes to the history of their tasks, and how each assignee was chosen."""
    events = [
        {
            "company_id": each.after.company_id,
            "task_id": each.after.id,
            "action": each.action,
            "actor": each.actor,
            "from_status": each.before and each.before.status,
            "to_status": each.after.status,
            "from_step": each.before and each.before.step,
            "to_step": each.after.step,
            "from_user": each.before and each.before.assigned_user,
            "to_user": each.after.assigned_user,
            "notes": each.notes,
        }
        for each in changes
    ]
    assignments = [
        {"company_id": each.after.company_id, "task_id": each.after.id, "assigned_user": each.after.assigned_user}
        | {"method": each.choice.method, "pool": each.choice.pool, "candidates": each.choice.candidates}
        for each in changes
        if each.choice is not None
    ]
    statements = [_ADD_EVENTS, _ADD_ASSIGNMENTS] if assignments else [_ADD_EVENTS]
    values = {"events": orjson.dumps(events).decode(), "assignments": orjson.dumps(assignments).decode()}
    run(session, statements, values)


def remove_of_tickets(session: Session, keys: Collection[Key]) -> None:
    """Delete the tasks of tickets; their history goes with them."""
    query = text("""
        delete from tasks t
        using unnest(cast(:companies as int[]), cast(:tickets as bigint[])) as w (company_id, ticket_id)
        where t.company_id = w.company_id and t.ticket_id = w.ticket_id
    """)
    session.execute(query, {"companies": [key[0] for key in keys], "tickets": [key[1] for key in keys]})


def task_of(row: Sequence[Any]) -> Task:
    """Return the task of a row that consists of the columns."""
    return Task(**dict(zip(_FIELDS, row, strict=True)))
