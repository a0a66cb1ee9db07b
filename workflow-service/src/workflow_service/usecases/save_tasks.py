"""Store changed tasks with their history, and publish them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain.deal import Choice
from workflow_service.domain.task import Task
from workflow_service.events import ticket_assigned
from workflow_service.store import facts, tasks
from workflow_service.store.facts import PRIORITY, Fact
from workflow_service.store.tasks import Change
from workflow_service.usecases.enter_steps import enter_steps
from workflow_service.usecases.refresh_clocks import insert_with_clocks, refresh_clocks

MACHINE = "workflow-service"


def next_version(before: Task, after: Task, now: datetime) -> Task:
    """Return a changed task with its next version and revision, and the times that follow from the change."""
    completed_at = after.completed_at
    if after.status != before.status:
        completed_at = (before.completed_at or now) if not after.is_open else None
    assigned_at = after.assigned_at
    if after.assigned_user != before.assigned_user:
        assigned_at = None if after.assigned_user is None else now
    return replace(
        after,
        version=before.version + 1,
        revision=before.revision + 1,
        completed_at=completed_at,
        assigned_at=assigned_at,
        updated_at=now,
    )


def assign(task: Task, choice: Choice) -> Task:
    """Return the task with the chosen person, or with nobody."""
    return replace(task, assigned_user=choice.email)


def save_changes(session: Session, changes: Sequence[tuple[Change, Cause]], now: datetime) -> list[Task]:
    """Store changes of locked tasks in the caller's transaction: the rows, their history, their clocks and the events.

    Returns the tasks as they are then, in order.
    """
    if not changes:
        return []
    tasks.record(session, [change for change, _ in changes])
    _add_priorities(session, changes, now)
    after = [change.after for change, _ in changes]
    shown = refresh_clocks(session, after, now, changes[0][1], store_tasks=False)
    shown = _enter_and_publish(session, changes, shown, now)
    tasks.change(session, shown)
    return shown


def save_new(session: Session, changes: Sequence[tuple[Change, Cause]], now: datetime) -> list[Task]:
    """Insert new tasks with their clocks and history, ask partners and publish `ticket.assigned` for each.

    Returns the tasks as they are then, in order.
    """
    if not changes:
        return []
    _add_priorities(session, changes, now)
    shown = insert_with_clocks(session, [change.after for change, _ in changes])
    tasks.record(session, [change for change, _ in changes])
    return _enter_and_publish(session, changes, shown, now)


def _add_priorities(session: Session, changes: Sequence[tuple[Change, Cause]], now: datetime) -> None:
    facts.add(session, [fact for change, _ in changes for fact in _priorities(change, now)])


def _enter_and_publish(
    session: Session, changes: Sequence[tuple[Change, Cause]], shown: Sequence[Task], now: datetime
) -> list[Task]:
    entered = enter_steps(session, changes, shown, now)
    publish(session, [(task, change, cause) for task, (change, cause) in zip(entered, changes, strict=True)], now)
    return entered


def publish(session: Session, published: Sequence[tuple[Task, Change, Cause]], now: datetime) -> None:
    """Publish `ticket.assigned` for tasks as they show their clocks."""
    events = [ticket_assigned(task, change.action, change.actor, now, cause) for task, change, cause in published]
    outbox.add_all(session, events)


def _priorities(change: Change, now: datetime) -> list[Fact]:
    """Return the priority of a new task or of a rerouted one as a fact; a person's overrides it."""
    task, before = change.after, change.before
    if before is not None and before.priority == task.priority:
        return []
    at = task.created_at if before is None else now
    return [Fact(task.company_id, task.ticket_id, PRIORITY, at, 0, task.priority)]
