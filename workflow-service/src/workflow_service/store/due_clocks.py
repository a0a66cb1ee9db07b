"""Clocks with something to declare: found over all companies, locked without waiting, and declared in batches."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.clocks import Breach
from workflow_service.domain.task import Task
from workflow_service.store import tasks

GRACE = timedelta(seconds=2)
"""How long a fact may be on its way before its absence counts."""

# Index: clocks_due.
_FIND = text("select company_id, clock_id from due_clocks(:now, :most)")
_CLOCK = (
    "c.id as clock_id, c.kind as clock_kind, c.opened_at, c.step as clock_step, c.target_seconds, c.due_at, c.pending"
)
_CLOCK_COLUMNS = len(_CLOCK.split(", "))
_TASK = ", ".join(f"t.{name}" for name in tasks.COLUMNS.split(", "))
# Index: clocks_id. Nothing waits here: what another transaction has locked is found again by the next scan.
_LOCK = text(f"""
    select {_CLOCK}, {_TASK}
    from clocks c join tasks t on t.company_id = c.company_id and t.id = c.task_id
    where c.id = any(cast(:clocks as bigint[])) and c.company_id = any(cast(:companies as int[]))
        and c.next_at <= coalesce(cast(:now as timestamptz), now()) - interval '2 seconds'
    order by t.company_id, t.id, c.next_at, c.id
    for update of t, c skip locked
""")
_NOW = text("select coalesce(cast(:now as timestamptz), now())")
_BREACH = text("""
    insert into breaches (company_id, task_id, kind, opened_at, due_at, step, breached_at, reason, declared_at)
    select company_id, task_id, kind, opened_at, due_at, step, breached_at, reason, :now
    from jsonb_to_recordset(cast(:breaches as jsonb)) as n (company_id int, task_id bigint, kind text,
        opened_at timestamptz, due_at timestamptz, step text, breached_at timestamptz, reason text)
    on conflict (company_id, task_id, kind, opened_at, due_at) do update set
        (breached_at, reason, declared_at, retracted_at) = (excluded.breached_at, excluded.reason, :now, null)
""")
_UPDATE = text("""
    update clocks c set (pending, warned_seconds, next_at)
        = (n.pending, coalesce(n.warned_seconds, c.warned_seconds), n.next_at)
    from jsonb_to_recordset(cast(:clocks as jsonb))
        as n (company_id int, id bigint, pending jsonb, warned_seconds int, next_at timestamptz)
    where c.company_id = n.company_id and c.id = n.id
""")
_AUDIT = text("""
    select add_audit(company_id, 'sla.breached', 'task', task_id::text, ticket_id, '', changes)
    from jsonb_to_recordset(cast(:records as jsonb)) as n (company_id int, task_id bigint, ticket_id bigint,
        changes jsonb)
""")


@dataclass(frozen=True)
class DueClock:
    """A locked clock with something to declare, and its task."""

    id: int
    kind: str
    opened_at: datetime
    step: str
    target_seconds: int
    due_at: datetime | None
    pending: tuple[Breach, ...]
    task: Task


@dataclass(frozen=True)
class Outcome:
    """The declarations of a scan about a clock: the breaches that are over, or else a warning; and those to come."""

    clock: DueClock
    breaches: tuple[Breach, ...]
    pending: tuple[Breach, ...]
    warned: bool


def find(session: Session, now: datetime | None, most: int) -> list[tuple[int, int]]:
    """Return up to `most` clocks of all companies that are due, by company and id; None for the present time."""
    return [(row.company_id, row.clock_id) for row in session.execute(_FIND, {"now": now, "most": most})]


def lock(session: Session, found: Sequence[tuple[int, int]], now: datetime | None) -> list[DueClock]:
    """Lock those of the clocks, with their tasks, that are still due and that nobody else has locked."""
    values = {
        "companies": sorted({company_id for company_id, _ in found}),
        "clocks": [clock_id for _, clock_id in found],
        "now": now,
    }
    return [_due_clock(row) for row in session.execute(_LOCK, values)]


def time(session: Session, now: datetime | None) -> datetime:
    """Return the time of the transaction by the database's clock, or `now`."""
    found: datetime = session.execute(_NOW, {"now": now}).scalar_one()
    return found


def declare(session: Session, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Store what is declared of locked clocks, with audit records of the breaches."""
    breaches = [
        _key(each.clock)
        | {"due_at": breach.due_at, "step": each.clock.step, "breached_at": breach.at, "reason": breach.reason}
        for each in outcomes
        for breach in each.breaches
    ]
    if breaches:
        session.execute(_BREACH, {"breaches": _json(breaches), "now": now})
        records = [_audit_record(each, breach) for each in outcomes for breach in each.breaches]
        session.execute(_AUDIT, {"records": _json(records)})
    updates = [
        {
            "company_id": each.clock.task.company_id,
            "id": each.clock.id,
            "pending": [vars(breach) for breach in each.pending],
            "warned_seconds": each.clock.target_seconds if each.warned or each.breaches else None,
            "next_at": min((breach.at for breach in each.pending), default=None),
        }
        for each in outcomes
    ]
    session.execute(_UPDATE, {"clocks": _json(updates)})


def _audit_record(outcome: Outcome, breach: Breach) -> dict[str, Any]:
    clock, task = outcome.clock, outcome.clock.task
    changes = {"clock": clock.kind, "step": clock.step or None, "due_at": breach.due_at, "reason": breach.reason}
    return {
        "company_id": task.company_id,
        "task_id": task.id,
        "ticket_id": task.ticket_id,
        "changes": [{"field": name, "old": None, "new": value} for name, value in changes.items()],
    }


def _due_clock(row: Any) -> DueClock:
    pending = tuple(
        Breach(datetime.fromisoformat(each["due_at"]), datetime.fromisoformat(each["at"]), each["reason"])
        for each in row.pending
    )
    return DueClock(
        id=row.clock_id,
        kind=row.clock_kind,
        opened_at=row.opened_at,
        step=row.clock_step,
        target_seconds=row.target_seconds,
        due_at=row.due_at,
        pending=pending,
        task=tasks.task_of(row[_CLOCK_COLUMNS:]),
    )


def _key(clock: DueClock) -> dict[str, Any]:
    task = clock.task
    return {"company_id": task.company_id, "task_id": task.id, "kind": clock.kind, "opened_at": clock.opened_at}


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
