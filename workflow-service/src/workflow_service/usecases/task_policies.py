"""The policies that measure tasks: that of their own version, and those that were applied to them since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eventbus.wire import rfc3339
from sqlalchemy.orm import Session

from workflow_service.domain.application import Target
from workflow_service.domain.calendar import Calendar
from workflow_service.domain.definition import Definition
from workflow_service.domain.policy import Policy, PolicyChange
from workflow_service.domain.task import Task
from workflow_service.store import calendars, workflows
from workflow_service.store.facts import TaskKey
from workflow_service.store.version_cache import Version
from workflow_service.usecases.clock_inputs import ALWAYS, policy_of


@dataclass(frozen=True)
class TaskPolicies:
    """The first policy of each task and its changes, and the definitions of all versions that are named."""

    first: Mapping[TaskKey, Policy]
    changes: Mapping[TaskKey, Sequence[PolicyChange]]
    definitions: Mapping[Version, Definition]


def version_of(task: Task) -> Version:
    """Return the version with which a task began."""
    return task.company_id, task.workflow_id, task.workflow_version


def read_definitions(session: Session, tasks: Sequence[Task]) -> dict[Version, Definition]:
    """Return the versions by which tasks began, and those that were applied to them."""
    versions = {version_of(task) for task in tasks}
    versions |= {_version(task, applied) for task in tasks for applied in task.policies or ()}
    return workflows.definitions_of(session, versions)


def read_policies(
    session: Session,
    tasks: Sequence[Task],
    definitions: Mapping[Version, Definition],
    pinned: Mapping[TaskKey, int | None],
) -> TaskPolicies:
    """Return the policies of tasks; `pinned` are the versions of the calendars with which they began."""
    keys: set[Version] = set()
    for task in tasks:
        began = _calendar(definitions[version_of(task)], task, pinned.get((task.company_id, task.id)))
        applied = [_calendar(definitions[_version(task, each)], task, each["calendar_version"])
                   for each in task.policies or ()]  # fmt: skip
        keys |= {key for key in (began, *applied) if key is not None}
    read = calendars.versions(session, keys)
    first, changes = {}, {}
    for task in tasks:
        key = task.company_id, task.id
        first[key] = _policy(definitions[version_of(task)], task, pinned.get(key), read)
        changes[key] = [
            PolicyChange(
                datetime.fromisoformat(each["at"]),
                _policy(definitions[_version(task, each)], task, each["calendar_version"], read),
            )
            for each in task.policies or ()
        ]
    return TaskPolicies(first, changes, definitions)


def with_policy(task: Task, target: Target, at: datetime) -> list[dict[str, Any]]:
    """Return the policies of a task after another one is applied: the targets stay where the calendar alone changes."""
    before: Sequence[Mapping[str, Any]] = task.policies or ()
    version = target.workflow_version
    if version is None:
        version = before[-1]["version"] if before else task.workflow_version
    change = {"at": rfc3339(at), "version": version, "calendar_version": target.calendar_version}
    return [*map(dict, before), change]


def _version(task: Task, applied: Mapping[str, Any]) -> Version:
    return task.company_id, task.workflow_id, applied["version"]


def _calendar(definition: Definition, task: Task, version: int | None) -> Version | None:
    if definition.calendar_id is None or version is None:
        return None
    return task.company_id, definition.calendar_id, version


def _policy(definition: Definition, task: Task, version: int | None, read: Mapping[Version, Calendar]) -> Policy:
    key = _calendar(definition, task, version)
    return policy_of(definition, ALWAYS if key is None else read[key])
