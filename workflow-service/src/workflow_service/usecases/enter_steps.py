"""Act on tasks that come to a step: ask for its approval, ask its partner, withdraw the request of the step before."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from eventbus.publish import outbox
from service_kit.telemetry.cause import Cause
from sqlalchemy.orm import Session

from workflow_service.domain import external
from workflow_service.domain.definition import Definition
from workflow_service.domain.external import NEEDS_DATA, NOTIFICATION, PREPARED, External
from workflow_service.domain.external_steps import asks_partners, kind_at
from workflow_service.domain.task import Task
from workflow_service.events import task_completed
from workflow_service.store import external_requests, workflows
from workflow_service.store.facts import TaskKey
from workflow_service.store.tasks import Change
from workflow_service.store.version_cache import Version
from workflow_service.usecases.request_approvals import request_approvals

Moved = tuple[Task, Change, Cause]


def enter_steps(
    session: Session, changes: Sequence[tuple[Change, Cause]], shown: Sequence[Task], now: datetime
) -> list[Task]:
    """Follow stored changes of locked tasks, in their transaction; return the tasks as they show their requests."""
    moved = [
        (task, change, cause)
        for task, (change, cause) in zip(shown, changes, strict=True)
        if change.before is None or change.before.step != task.step
    ]
    if not moved:
        return list(shown)
    definitions = workflows.definitions_of(session, {_version(task) for task, _, _ in moved})
    waiting = [
        (task, change.actor, cause)
        for task, change, cause in moved
        if task.is_open and definitions[_version(task)].step(task.step).requires_approval
    ]
    if waiting:
        request_approvals(session, waiting, now)
    concerned = [each for each in moved if asks_partners(definitions[_version(each[0])])]
    states = _ask_partners(session, concerned, definitions, now) if concerned else {}
    if not states:
        return list(shown)
    return [replace(task, external_state=states.get(_key(task), task.external_state)) for task in shown]


def _ask_partners(
    session: Session,
    concerned: Sequence[Moved],
    definitions: Mapping[Version, Definition],
    now: datetime,
) -> dict[TaskKey, str | None]:
    """Withdraw and make the requests of tasks; return the state that each shows."""
    requests = external_requests.lock_of_tasks(session, {_key(task) for task, _, _ in concerned})
    states: dict[TaskKey, str | None] = {}
    for task, change, cause in concerned:
        definition = definitions[_version(task)]
        for request in requests[_key(task)]:
            left = external.withdraw(request, change.actor, now)
            if left != request:
                external_requests.save(session, left)
        states[_key(task)] = _enter(session, task, definition, requests[_key(task)], now)
        if task.step == definition.end.name and definition.end_logic == NOTIFICATION:
            outbox.add(session, task_completed(task, now, cause))
    external_requests.show(session, states)
    return states


def _enter(
    session: Session, task: Task, definition: Definition, requests: Sequence[External], now: datetime
) -> str | None:
    """Make the request of a task's new step; return its state, None where the step asks nobody."""
    kind = kind_at(definition, task.step)
    if kind is None:
        return None
    for request in requests:
        if request.state == PREPARED and request.kind == kind:
            arrived = external.arrive(request, task.step, now)
            external_requests.save(session, arrived)
            return arrived.state
    external_requests.add(session, new_request(task, kind, NEEDS_DATA, step=task.step))
    return NEEDS_DATA


def new_request(task: Task, kind: str, state: str, *, step: str | None) -> dict[str, object]:
    """Return the columns of a new request without data."""
    return {
        "company_id": task.company_id,
        "task_id": task.id,
        "ticket_id": task.ticket_id,
        "step": step,
        "kind": kind,
        "state": state,
        "request": None,
        "requester": "",
        "asked_since": None,
        "next_try_at": None,
    }


def _key(task: Task) -> TaskKey:
    return task.company_id, task.id


def _version(task: Task) -> Version:
    return task.company_id, task.workflow_id, task.workflow_version
