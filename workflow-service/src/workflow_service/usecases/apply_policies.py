"""Apply a changed calendar, or the targets of a workflow's newest version, to open tasks: preview it, and order it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service_kit.http.idempotency import IdempotencyKey
from sqlalchemy.orm import Session

from workflow_service.domain.application import (
    Application,
    ApplicationNotFound,
    MovedClock,
    Target,
    moved_clocks,
)
from workflow_service.domain.calendars import CalendarNotFound
from workflow_service.domain.clocks import clocks_of
from workflow_service.domain.task import Task
from workflow_service.domain.workflow import WorkflowNotFound
from workflow_service.store import applications, calendars, facts, past, workflows
from workflow_service.usecases.clock_inputs import TaskStart, facts_of
from workflow_service.usecases.task_policies import read_definitions, read_policies, version_of, with_policy

PAGE = 500
MAX_EXAMPLES = 20


@dataclass(frozen=True)
class Preview:
    """The number of open tasks that would get the policy, and what that would do to their clocks."""

    tasks: int
    moved: int
    breached: int
    examples: Sequence[tuple[Task, Sequence[MovedClock]]]
    is_truncated: bool


def target_of_workflow(session: Session, company_id: int, workflow_id: int) -> Target:
    """Return a workflow's newest version with the newest one of its calendar; raise WorkflowNotFound."""
    with session.begin():
        workflow = workflows.find(session, company_id, workflow_id)
        if workflow is None:
            raise WorkflowNotFound(workflow_id)
        calendar_id = workflow.definition.calendar_id
        calendar = None if calendar_id is None else calendars.find(session, company_id, calendar_id)
    return Target(workflow.id, workflow.version, calendar_id, None if calendar is None else calendar.version)


def target_of_calendar(session: Session, company_id: int, calendar_id: int) -> Target:
    """Return a calendar's newest version; raise CalendarNotFound."""
    with session.begin():
        calendar = calendars.find(session, company_id, calendar_id)
    if calendar is None:
        raise CalendarNotFound(calendar_id)
    return Target(None, None, calendar.id, calendar.version)


def preview(session: Session, company_id: int, target: Target, *, max_tasks: int) -> Preview:
    """Return what an application would do to the first `max_tasks` open tasks; store nothing."""
    after, number, moved, breached = 0, 0, 0, 0
    examples: list[tuple[Task, Sequence[MovedClock]]] = []
    while number < max_tasks:
        size = min(PAGE, max_tasks - number)
        with session.begin():
            past.only_read(session)
            now = applications.time(session)
            page = applications.affected(session, company_id, target, after=after, limit=size + 1)
            has_more = len(page) > size
            found = _moved(session, page[:size], target, now)
        number += len(found)
        moved += sum(bool(clocks) for _, clocks in found)
        breached += sum(any(each.is_breached for each in clocks) for _, clocks in found)
        examples += [each for each in found if each[1]][: MAX_EXAMPLES - len(examples)]
        if not has_more:
            return Preview(number, moved, breached, examples, is_truncated=False)
        after = found[-1][0].id
    return Preview(number, moved, breached, examples, is_truncated=True)


def order_application(
    session: Session, company_id: int, target: Target, idempotency_key: IdempotencyKey[Application]
) -> Application:
    """Store that a policy is to be applied, which a worker does; raise Replayed for a repeated Idempotency-Key."""
    with session.begin():
        idempotency_key.claim(session)
        ordered = applications.add(session, company_id, target)
        idempotency_key.store(session, ordered)
    return ordered


def get_application(session: Session, company_id: int, application_id: int) -> Application:
    """Return an application with its progress; raise ApplicationNotFound."""
    found = applications.find(session, company_id, application_id)
    if found is None:
        raise ApplicationNotFound(application_id)
    return found


def _moved(
    session: Session, tasks: Sequence[Task], target: Target, now: datetime
) -> list[tuple[Task, Sequence[MovedClock]]]:
    """Return the clocks of tasks that a policy would move."""
    if not tasks:
        return []
    changed = [replace(task, policies=with_policy(task, target, now)) for task in tasks]
    definitions = read_definitions(session, changed)
    pinned = {(task.company_id, task.id): task.calendar_version for task in tasks}
    policies = read_policies(session, changed, definitions, pinned)
    of_tickets = facts.of_tickets(session, [(task.company_id, task.ticket_id) for task in tasks])
    histories = facts.histories(session, list(pinned))
    found = []
    for task in tasks:
        key = task.company_id, task.id
        known = facts_of(
            TaskStart(task.created_at, task.priority),
            of_tickets.get((task.company_id, task.ticket_id)),
            histories.get(key),
            definitions[version_of(task)],
        )
        first, changes = policies.first[key], policies.changes[key]
        before = clocks_of(known, first, changes[:-1], with_warnings=False)
        after = clocks_of(known, first, changes, with_warnings=False)
        found.append((task, moved_clocks(before, after, now)))
    return found
