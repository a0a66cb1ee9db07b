"""Requests to partners. Who changes one locks its task first."""

# ruff: noqa: S608 - only column names that stand in this file are put together here.

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflow_service.domain.external import APPROVED, External
from workflow_service.domain.task import Task
from workflow_service.store.facts import TaskKey

COLUMNS = ", ".join(field.name for field in fields(External))
_CHANGED = (
    "step", "state", "request", "requester", "tries", "asked_since", "next_try_at", "is_uncertain", "answer", "reason",
    "decided_by", "decided_at", "overridden_by", "resends",
)  # fmt: skip
_ADD = text(f"""
    insert into external_requests (company_id, task_id, ticket_id, step, kind, state, request, requester, asked_since,
        next_try_at)
    values (:company_id, :task_id, :ticket_id, :step, :kind, :state, cast(:request as jsonb), :requester, :asked_since,
        :next_try_at)
    returning {COLUMNS}
""")
_SAVE = text(f"""
    update external_requests set lease_until = case when :ends_lease then null else lease_until end, {", ".join(
        f"{name} = cast(:{name} as jsonb)" if name in ("request", "answer") else f"{name} = :{name}"
        for name in _CHANGED)}
    where company_id = :company_id and id = :id
""")  # fmt: skip
_OF_TASKS = text(f"""
    select {COLUMNS} from external_requests where (company_id, task_id) in
        (select * from unnest(cast(:companies as int[]), cast(:tasks as bigint[])))
    order by company_id, task_id, id for update
""")
_NEWEST = text(f"""
    select {COLUMNS} from external_requests where company_id = :company and task_id = :task and step = :step
    order by id desc limit 1
""")
_LOCK = text(f"select {COLUMNS} from external_requests where company_id = :company and id = :id for update")
_SHOW = text("""
    update tasks t set external_state = n.state
    from unnest(cast(:companies as int[]), cast(:tasks as bigint[]), cast(:states as text[]))
        as n (company_id, task_id, state)
    where t.company_id = n.company_id and t.id = n.task_id
""")
_APPROVED = text(f"""
    select distinct step from external_requests
    where company_id = :company and task_id = :task and (state = '{APPROVED}' or overridden_by is not null)
""")
_AUDIT = text("""
    select add_audit(:company, 'external_request.decided', 'external_request', cast(:task as text), :ticket, '',
        cast(:changes as jsonb))
""")


def add(session: Session, new: Mapping[str, Any]) -> External:
    """Insert a request and return it; `new` holds every column of the statement."""
    return external_of(session.execute(_ADD, {**new, "request": _json(new["request"])}).one())


def save(session: Session, external: External, *, ends_lease: bool = False) -> None:
    """Store a locked request, after a call of the partner with the end of its lease."""
    values = {name: getattr(external, name) for name in ("company_id", "id", *_CHANGED)}
    texts = {"request": _json(external.request), "answer": _json(external.answer)}
    session.execute(_SAVE, {**values, **texts, "ends_lease": ends_lease})


def lock(session: Session, company_id: int, request_id: int) -> External | None:
    """Lock a request until the transaction ends and return it; None without one."""
    row = session.execute(_LOCK, {"company": company_id, "id": request_id}).one_or_none()
    return None if row is None else external_of(row)


def company_of(session: Session, request_id: int) -> int | None:
    """Return the company of a request that a partner names, None without one; the session has no company yet."""
    query = text("select company_id from find_external_request(:id)")
    found: int | None = session.execute(query, {"id": request_id}).scalar_one_or_none()
    return found


def lock_of_tasks(session: Session, keys: Collection[TaskKey]) -> dict[TaskKey, list[External]]:
    """Lock all requests of tasks in one order and return them by task, the oldest first."""
    found: dict[TaskKey, list[External]] = {key: [] for key in keys}
    values = {"companies": [key[0] for key in keys], "tasks": [key[1] for key in keys]}
    for row in session.execute(_OF_TASKS, values):
        found[row.company_id, row.task_id].append(external_of(row))
    return found


def newest(session: Session, task: Task) -> External | None:
    """Return the newest request of a task's present step, None without one."""
    values = {"company": task.company_id, "task": task.id, "step": task.step}
    row = session.execute(_NEWEST, values).one_or_none()
    return None if row is None else external_of(row)


def approved_steps(session: Session, company_id: int, task_id: int) -> frozenset[str]:
    """Return the steps of a task at which a partner has approved, or that somebody has moved on from without it."""
    return frozenset(session.execute(_APPROVED, {"company": company_id, "task": task_id}).scalars())


def show(session: Session, states: Mapping[TaskKey, str | None]) -> None:
    """Store the states that locked tasks show; their version and revision stay."""
    values = {"companies": [key[0] for key in states], "tasks": [key[1] for key in states]}
    session.execute(_SHOW, {**values, "states": list(states.values())})


def record_decision(session: Session, external: External, ticket_id: int, before: str) -> None:
    """Add an audit record of a decision that no person made."""
    changes: Sequence[Mapping[str, Any]] = [
        {"field": "state", "old": before, "new": external.state},
        {"field": "answer", "old": None, "new": {"length": len(_json(external.answer) or "")}},
    ]
    values = {"company": external.company_id, "task": external.task_id, "ticket": ticket_id}
    session.execute(_AUDIT, {**values, "changes": json.dumps(changes)})


def external_of(row: Any) -> External:
    """Return the request of a row with the columns."""
    return External(**{field.name: getattr(row, field.name) for field in fields(External)})


def _json(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else json.dumps(value)
