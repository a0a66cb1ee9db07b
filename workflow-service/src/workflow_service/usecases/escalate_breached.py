"""Give the tasks of breached clocks to people of the next role above their steps, in a batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from workflow_service.domain.deal import pool_name
from workflow_service.domain.definition import Definition
from workflow_service.domain.escalation import AlreadyEscalated, remaining_roles
from workflow_service.domain.task import Task
from workflow_service.store import clocks, escalations, tasks, workflows
from workflow_service.store.facts import TaskKey
from workflow_service.store.tasks import Change
from workflow_service.store.version_cache import Version
from workflow_service.usecases.choose_above import choose_above
from workflow_service.usecases.dealer import Dealer, counts_open_tasks
from workflow_service.usecases.save_tasks import MACHINE

REASON = "sla breached"


def escalate_breached(
    session: Session, dealer: Dealer, before: Mapping[TaskKey, Task], shown: Mapping[TaskKey, Task]
) -> list[Change]:
    """Escalate those of the locked tasks that are open, each role once; store all tasks and return their changes.

    `shown` are the tasks as they show their breached clocks. Where nobody above can take a task, its escalation is
    recorded and the assignee stays.
    """
    definitions = workflows.definitions_of(session, {_version(task) for task in before.values()})
    roles = _roles(session, before, definitions)
    _load_pools(dealer, before, roles, definitions)
    changes: list[Change] = []
    done: list[tuple[TaskKey, str]] = []
    for key, task in sorted(shown.items()):
        action, choice, after = REASON, None, task
        if key in roles:
            escalation = choose_above(dealer, task, definitions[_version(task)], roles[key])
            action, choice = f"escalated to {escalation.role}", escalation.choice
            done += [(key, role) for role in escalation.done]
        if choice is not None and choice.email not in (None, task.assigned_user):
            after = replace(task, assigned_user=choice.email, assigned_at=dealer.now, version=task.version + 1)
        changes.append(Change(action, MACHINE, before[key], after, REASON, choice))
    escalations.add_all(session, done, REASON)
    _store(session, changes)
    return changes


def _load_pools(
    dealer: Dealer,
    before: Mapping[TaskKey, Task],
    roles: Mapping[TaskKey, Sequence[str]],
    definitions: Mapping[Version, Definition],
) -> None:
    names: defaultdict[int, set[str]] = defaultdict(set)
    counting: set[int] = set()
    for key, remaining in roles.items():
        task = before[key]
        names[task.company_id].update(pool_name(role, task.team_id, task.department) for role in remaining)
        if counts_open_tasks(definitions[_version(task)]):
            counting.add(task.company_id)
    for company_id, of_company in sorted(names.items()):
        dealer.load(company_id, of_company, with_open=company_id in counting)


def _store(session: Session, changes: Sequence[Change]) -> None:
    """Store each task once. What a task shows of its clocks is no change that people see as a new version."""
    given_away = [change.after for change in changes if change.before and change.after.version > change.before.version]
    kept = [change.after for change in changes if change.before and change.after.version == change.before.version]
    if given_away:
        tasks.change(session, given_away)
    clocks.show(session, kept)


def _roles(
    session: Session, before: Mapping[TaskKey, Task], definitions: Mapping[Version, Definition]
) -> dict[TaskKey, Sequence[str]]:
    """Return the roles that each open task may be escalated to, the next one first."""
    escalated = escalations.roles_of(session, list(before))
    roles: dict[TaskKey, Sequence[str]] = {}
    for key, task in before.items():
        if task.is_open:
            step = definitions[_version(task)].step(task.step)
            try:
                roles[key] = remaining_roles(step, escalated.get(key, ()))
            except AlreadyEscalated:
                continue
    return roles


def _version(task: Task) -> Version:
    return task.company_id, task.workflow_id, task.workflow_version
