"""Compute the clocks of locked tasks anew from all facts, and store what follows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from eventbus.publish import outbox
from eventbus.wire import rfc3339
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.clocks import clocks_of
from workflow_service.domain.facts import Facts
from workflow_service.domain.schedule import Scheduled, deadline, schedule
from workflow_service.domain.task import Task
from workflow_service.events import ClockEvent, sla_retracted
from workflow_service.store import clocks, facts
from workflow_service.store import tasks as stored_tasks
from workflow_service.store.clocks import ClockKey
from workflow_service.store.facts import TaskHistory, TaskKey, TicketFacts
from workflow_service.usecases.clock_inputs import TaskStart, facts_of
from workflow_service.usecases.task_policies import TaskPolicies, read_definitions, read_policies, version_of

MAX_CLOCKS_SHOWN = 20


@dataclass(frozen=True)
class _Known:
    """Everything that was read about some tasks."""

    policies: TaskPolicies
    facts: Mapping[TaskKey, TicketFacts]
    histories: Mapping[TaskKey, TaskHistory]


def refresh_clocks(
    session: Session,
    tasks: Sequence[Task],
    now: datetime,
    cause: Cause,
    *,
    new_revision: bool = False,
    store_tasks: bool = True,
) -> list[Task]:
    """Compute the clocks of tasks, which are locked, and return the tasks as they show them.

    Breaches that have no ground any more are retracted. Breaches to come are declared by the scan alone. With
    `new_revision` a task that shows something else gets its next revision, for an event. Without `store_tasks` the
    caller stores what the tasks show, with other changes of them.
    """
    if not tasks:
        return []
    keys = [(task.company_id, task.id) for task in tasks]
    known = _read(session, tasks)
    stored = clocks.stored(session, keys)
    facts_of_tasks = _facts(tasks, known)
    scheduled = _schedules(facts_of_tasks, known, stored)
    clocks.save(session, scheduled)
    current = {(*key, each.clock.kind, each.clock.opened_at) for key, clock in scheduled.items() for each in clock}
    clocks.remove(session, stored.warned.keys() - current)
    _retract(session, tasks, scheduled, stored, now, cause)
    shown = [_shown(task, scheduled[_key(task)], facts_of_tasks[_key(task)]) for task in tasks]
    if new_revision:
        shown = [
            after if after == before else replace(after, revision=after.revision + 1)
            for before, after in zip(tasks, shown, strict=True)
        ]
    if store_tasks:
        clocks.show(session, [after for before, after in zip(tasks, shown, strict=True) if after != before])
    return shown


def insert_with_clocks(session: Session, new: Sequence[Task]) -> list[Task]:
    """Compute the clocks of new tasks, insert both, and return the tasks as they show them.

    Of a new task nothing is stored that could be read, and its row is written once.
    """
    definitions = read_definitions(session, new)
    policies = read_policies(session, new, definitions, {_key(task): task.calendar_version for task in new})
    tickets = facts.of_tickets(session, [(task.company_id, task.ticket_id) for task in new])
    histories = {_key(task): facts.history_of_new(task.created_at, task.step) for task in new}
    known = _Known(policies, tickets, histories)
    facts_of_tasks = _facts(new, known)
    scheduled = _schedules(facts_of_tasks, known, clocks.NOTHING)
    shown = [_shown(task, scheduled[_key(task)], facts_of_tasks[_key(task)]) for task in new]
    stored_tasks.add(session, shown)
    clocks.save(session, scheduled)
    return shown


def _read(session: Session, tasks: Sequence[Task]) -> _Known:
    definitions = read_definitions(session, tasks)
    keys = [(task.company_id, task.id) for task in tasks]
    pinned = {key: task.calendar_version for key, task in zip(keys, tasks, strict=True)}
    calendar_ids = {key: definitions[version_of(task)].calendar_id for key, task in zip(keys, tasks, strict=True)}
    new = {key: each for key, each in calendar_ids.items() if each is not None and pinned[key] is None}
    pinned |= clocks.pin_calendars(session, new)
    policies = read_policies(session, tasks, definitions, pinned)
    tickets = facts.of_tickets(session, [(task.company_id, task.ticket_id) for task in tasks])
    return _Known(policies, tickets, facts.histories(session, keys))


def _schedules(
    facts_of_tasks: Mapping[TaskKey, Facts], known: _Known, stored: clocks.Stored
) -> dict[TaskKey, list[Scheduled]]:
    return {key: _schedule(key, found, known.policies, stored) for key, found in facts_of_tasks.items()}


def _schedule(key: TaskKey, found: Facts, policies: TaskPolicies, stored: clocks.Stored) -> list[Scheduled]:
    scheduled = []
    for clock in clocks_of(found, policies.first[key], policies.changes[key]):
        clock_key = (*key, clock.kind, clock.opened_at)
        scheduled.append(schedule(clock, stored.declared.get(clock_key, ()), stored.warned.get(clock_key)))
    return scheduled


def _key(task: Task) -> TaskKey:
    return task.company_id, task.id


def _facts(tasks: Sequence[Task], known: _Known) -> dict[TaskKey, Facts]:
    return {
        _key(task): facts_of(
            TaskStart(task.created_at, task.priority),
            known.facts.get((task.company_id, task.ticket_id)),
            known.histories.get(_key(task)),
            known.policies.definitions[version_of(task)],
        )
        for task in tasks
    }


def _retract(
    session: Session,
    tasks: Sequence[Task],
    scheduled: Mapping[TaskKey, Sequence[Scheduled]],
    stored: clocks.Stored,
    now: datetime,
    cause: Cause,
) -> None:
    of_clocks = {
        (*key, each.clock.kind, each.clock.opened_at): each for key, all_ in scheduled.items() for each in all_
    }
    groundless: dict[tuple[ClockKey, datetime], str] = {}
    for clock_key, declared in stored.declared.items():
        each = of_clocks.get(clock_key)
        step = "" if each is None else each.clock.step
        groundless |= {(clock_key, due_at): step for due_at in (declared if each is None else each.groundless)}
    clocks.retract(session, groundless, now)
    by_key = {(task.company_id, task.id): task for task in tasks}
    retracted = [
        ClockEvent(by_key[company_id, task_id], kind, step, due_at)
        for ((company_id, task_id, kind, _), due_at), step in sorted(groundless.items())
    ]
    outbox.add_all(session, [sla_retracted(at, now, cause) for at in retracted])


def _shown(task: Task, scheduled: Collection[Scheduled], found: Facts) -> Task:
    return replace(
        task,
        priority=found.periods()[-1][1],
        sla_deadline=deadline([each.clock for each in scheduled]),
        is_sla_breached=any(each.breached for each in scheduled),
        clocks=[_view(each) for each in list(scheduled)[-MAX_CLOCKS_SHOWN:]],
    )


def _view(scheduled: Scheduled) -> dict[str, Any]:
    clock = scheduled.clock
    return {
        "clock": clock.kind,
        "step": clock.step or None,
        "started_at": rfc3339(clock.opened_at),
        "due_at": None if clock.due_at is None else rfc3339(clock.due_at),
        "state": clock.state,
        "ended_at": None if clock.ended_at is None else rfc3339(clock.ended_at),
        "breached": scheduled.breached,
    }
