"""Clocks of tasks and their breaches, stored in batches. A transaction locks the tasks first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from service_kit.database.statements import Prepared, run
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.clocks import Breach
from workflow_service.domain.schedule import Scheduled
from workflow_service.domain.task import Task
from workflow_service.store.facts import TaskKey

ClockKey = tuple[int, int, str, datetime]
"""Company, task, kind, opening."""

_STORED = Prepared(
    "stored_clocks",
    """
    select company_id, task_id, kind, opened_at, warned_seconds, null as declared from clocks
    where (company_id, task_id) in (select * from unnest(:companies, :tasks))
    union all select company_id, task_id, kind, opened_at, null, due_at from breaches
    where (company_id, task_id) in (select * from unnest(:companies, :tasks)) and retracted_at is null
    """,
    {"companies": "int[]", "tasks": "bigint[]"},
)
_COLUMNS = (
    "company_id int, task_id bigint, kind text, opened_at timestamptz, step text, target_seconds int, state text,"
    " due_at timestamptz, ended_at timestamptz, pending jsonb, next_at timestamptz"
)
_NAMES = ", ".join(column.split()[0] for column in _COLUMNS.split(", "))
_CONTENT = "step, target_seconds, state, due_at, ended_at, pending, next_at"
# Most clocks of a task stay as they are when it moves: they aren't written again.
_UPSERT = Prepared(
    "save_clocks",
    f"""
    insert into clocks as c ({_NAMES})
    select {_NAMES} from jsonb_to_recordset(:clocks) as n ({_COLUMNS})
    on conflict (company_id, task_id, kind, opened_at) do update set ({_CONTENT})
        = ({", ".join(f"excluded.{name}" for name in _CONTENT.split(", "))})
    where ({", ".join(f"c.{name}" for name in _CONTENT.split(", "))})
        is distinct from ({", ".join(f"excluded.{name}" for name in _CONTENT.split(", "))})
    """,  # noqa: S608 - names of this file
    {"clocks": "jsonb"},
)
_REMOVE = text("""
    delete from clocks c using jsonb_to_recordset(cast(:clocks as jsonb))
        as n (company_id int, task_id bigint, kind text, opened_at timestamptz)
    where (c.company_id, c.task_id, c.kind, c.opened_at) = (n.company_id, n.task_id, n.kind, n.opened_at)
""")
_RETRACT = text("""
    update breaches b set retracted_at = :now from jsonb_to_recordset(cast(:breaches as jsonb))
        as n (company_id int, task_id bigint, kind text, opened_at timestamptz, due_at timestamptz)
    where (b.company_id, b.task_id, b.kind, b.opened_at, b.due_at)
        = (n.company_id, n.task_id, n.kind, n.opened_at, n.due_at)
""")
_SHOW = Prepared(
    "show_clocks",
    """
    update tasks t set (sla_deadline, is_sla_breached, clocks, priority, revision)
        = (n.sla_deadline, n.is_sla_breached, n.clocks, n.priority, n.revision)
    from jsonb_to_recordset(:tasks) as n (company_id int, id bigint, sla_deadline timestamptz,
        is_sla_breached boolean, clocks jsonb, priority text, revision int)
    where t.company_id = n.company_id and t.id = n.id
    """,
    {"tasks": "jsonb"},
)
_PIN = text("""
    update tasks t set calendar_version = c.version
    from unnest(cast(:companies as int[]), cast(:tasks as bigint[]), cast(:calendars as bigint[]))
        as n (company_id, task_id, calendar_id)
    join calendars c on c.company_id = n.company_id and c.id = n.calendar_id
    where t.company_id = n.company_id and t.id = n.task_id and t.calendar_version is null
""")
_PINNED = text("""
    select company_id, id, calendar_version from tasks
    where (company_id, id) in (select * from unnest(cast(:companies as int[]), cast(:tasks as bigint[])))
        and calendar_version is not null
""")


@dataclass(frozen=True)
class Stored:
    """The stored warnings and breaches of the clocks of some tasks."""

    warned: Mapping[ClockKey, int | None]
    """The targets in seconds for which clocks have warned."""
    declared: Mapping[ClockKey, Collection[datetime]]
    """The due dates of breaches that were declared and not retracted."""


NOTHING = Stored({}, {})


def stored(session: Session, keys: Collection[TaskKey]) -> Stored:
    """Return what is stored of the clocks of locked tasks."""
    warned: dict[ClockKey, int | None] = {}
    declared: defaultdict[ClockKey, list[datetime]] = defaultdict(list)
    for row in run(session, [_STORED], _arrays(keys)):
        if row.declared is None:
            warned[_key(row)] = row.warned_seconds
        else:
            declared[_key(row)].append(row.declared)
    return Stored(warned, dict(declared))


def save(session: Session, clocks: Mapping[TaskKey, Sequence[Scheduled]]) -> None:
    """Insert and update clocks of tasks."""
    rows = [_row(key, each) for key, scheduled in clocks.items() for each in scheduled]
    run(session, [_UPSERT], {"clocks": _json(rows)})


def remove(session: Session, keys: Collection[ClockKey]) -> None:
    """Delete clocks for which the facts give no ground any more."""
    if keys:
        names = ("company_id", "task_id", "kind", "opened_at")
        session.execute(_REMOVE, {"clocks": _json([dict(zip(names, key, strict=True)) for key in keys])})


def retract(session: Session, breaches: Collection[tuple[ClockKey, datetime]], now: datetime) -> None:
    """Mark breaches as retracted."""
    if breaches:
        names = ("company_id", "task_id", "kind", "opened_at", "due_at")
        rows = [dict(zip(names, (*key, due_at), strict=True)) for key, due_at in breaches]
        session.execute(_RETRACT, {"breaches": _json(rows), "now": now})


def show(session: Session, tasks: Sequence[Task]) -> None:
    """Store what tasks show of their clocks. Their `version` stays: who edits a task isn't disturbed."""
    names = ("company_id", "id", "sla_deadline", "is_sla_breached", "clocks", "priority", "revision")
    if tasks:
        run(session, [_SHOW], {"tasks": _json([{name: getattr(task, name) for name in names} for task in tasks])})


def pin_calendars(session: Session, calendar_ids: Mapping[TaskKey, int]) -> dict[TaskKey, int]:
    """Let tasks keep the present version of their calendars, unless they have one; return the versions by task."""
    if not calendar_ids:
        return {}
    values = _arrays(calendar_ids)
    session.execute(_PIN, {**values, "calendars": list(calendar_ids.values())})
    return {(row.company_id, row.id): row.calendar_version for row in session.execute(_PINNED, values)}


def breach_json(breaches: Sequence[Breach]) -> list[dict[str, Any]]:
    """Return breaches as clocks store those that are to come."""
    return [vars(breach) for breach in breaches]


def _row(key: TaskKey, scheduled: Scheduled) -> dict[str, Any]:
    clock = scheduled.clock
    return {
        "company_id": key[0],
        "task_id": key[1],
        "kind": clock.kind,
        "opened_at": clock.opened_at,
        "step": clock.step,
        "target_seconds": int(clock.target.total_seconds()),
        "state": clock.state,
        "due_at": clock.due_at,
        "ended_at": clock.ended_at,
        "pending": breach_json(scheduled.pending),
        "next_at": scheduled.next_at,
    }


def _key(row: Any) -> ClockKey:
    return row.company_id, row.task_id, row.kind, row.opened_at


def _arrays(keys: Collection[TaskKey]) -> dict[str, list[int]]:
    return {"companies": [key[0] for key in keys], "tasks": [key[1] for key in keys]}


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
