"""Add, change, deploy and pause workflows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from service_kit.http.idempotency import IdempotencyKey
from service_kit.http.precondition import Precondition
from sqlalchemy.orm import Session

from workflow_service.domain.calendar_document import stored_calendar
from workflow_service.domain.deal import fits, lacking
from workflow_service.domain.definition import Definition
from workflow_service.domain.graph import Fault
from workflow_service.domain.matching import unknown_names
from workflow_service.domain.targets import faults_by_calendar
from workflow_service.domain.workflow import (
    DEPLOYED,
    PAUSED,
    BadWorkflow,
    NotDeployed,
    Scope,
    Workflow,
    WorkflowNotFound,
    check_number,
)
from workflow_service.store import calendars, people, tickets, workflows
from workflow_service.usecases.take_unmatched import Take, Unmatched, take_unmatched


@dataclass(frozen=True)
class Content:
    """A workflow as a person describes it."""

    name: str
    description: str
    scope: Scope
    definition: Definition


@dataclass(frozen=True)
class Deployed:
    """A deployed workflow, what may keep it from getting tickets or its tasks from being assigned, and what waited."""

    workflow: Workflow
    warnings: list[str]
    unmatched: Unmatched


def get_workflow(session: Session, company_id: int, workflow_id: int) -> Workflow:
    """Return a workflow; raise WorkflowNotFound."""
    found = workflows.find(session, company_id, workflow_id)
    if found is None:
        raise WorkflowNotFound(workflow_id)
    return found


def page_of_workflows(
    session: Session, company_id: int, *, state: str | None, after: int, limit: int
) -> list[Workflow]:
    """Return a page of a company's workflows, the oldest first; a new company gets the default one."""
    with session.begin():
        if not after:
            workflows.add_default(session, [company_id])
        return workflows.page(session, company_id, state=state, after=after, limit=limit)


def add_workflow(
    session: Session, company_id: int, content: Content, *, idempotency_key: IdempotencyKey[Workflow]
) -> Workflow:
    """Add a workflow as a draft.

    Raises WorkflowExists, TooManyWorkflows, and Replayed for a repeated Idempotency-Key.
    """
    with session.begin():
        idempotency_key.claim(session)
        _check_calendar(session, company_id, content.definition)
        check_number(workflows.count(session, company_id))
        added = workflows.add(session, company_id, content.name, content.description, content.scope, content.definition)
        idempotency_key.store(session, added)
    return added


def change_workflow(
    session: Session, company_id: int, workflow_id: int, content: Content, *, precondition: Precondition[Workflow]
) -> Workflow:
    """Store the next version of a workflow; running tasks keep theirs, and an equal one changes nothing.

    Raises WorkflowNotFound, PreconditionFailed, WorkflowIsDefault, WorkflowExists, WorkflowOverlaps.
    """
    with session.begin():
        before = _lock(session, company_id, workflow_id, precondition)
        _check_calendar(session, company_id, content.definition)
        if content == Content(before.name, before.description, before.scope, before.definition):
            return before
        return workflows.add_version(
            session, before, content.name, content.description, content.scope, content.definition
        )


def faults_of_calendar(
    session: Session, company_id: int, calendar_id: int | None, targets: Mapping[str, int]
) -> list[Fault]:
    """Return what is wrong with the calendar of a workflow that is refused for other faults."""
    with session.begin():
        return _faults_of_calendar(session, company_id, calendar_id, targets)


def deploy_workflow(
    session: Session,
    company_id: int,
    workflow_id: int,
    *,
    take: Take | None,
    precondition: Precondition[Workflow],
    idempotency_key: IdempotencyKey[Deployed],
) -> Deployed:
    """Let a workflow take tickets, with `take` also some that no workflow took; one that does already stays as it is.

    Raises WorkflowNotFound, PreconditionFailed, WorkflowIsDefault, WorkflowOverlaps, and Replayed for a repeated key.
    """
    with session.begin():
        idempotency_key.claim(session)
        workflow = _set_state(session, company_id, workflow_id, DEPLOYED, precondition)
        warnings = _warnings(session, workflow)
        deployed = Deployed(workflow, warnings, take_unmatched(session, workflow, take))
        idempotency_key.store(session, deployed)
    return deployed


def pause_workflow(
    session: Session,
    company_id: int,
    workflow_id: int,
    *,
    precondition: Precondition[Workflow],
    idempotency_key: IdempotencyKey[Workflow],
) -> Workflow:
    """Let a workflow take no new tickets; its running tasks go on.

    Raises WorkflowNotFound, PreconditionFailed, WorkflowIsDefault, NotDeployed for a draft, and Replayed for a repeated
    key.
    """
    with session.begin():
        idempotency_key.claim(session)
        paused = _set_state(session, company_id, workflow_id, PAUSED, precondition)
        idempotency_key.store(session, paused)
    return paused


def _set_state(
    session: Session, company_id: int, workflow_id: int, state: str, precondition: Precondition[Workflow]
) -> Workflow:
    workflow = _lock(session, company_id, workflow_id, precondition)
    if state == PAUSED and workflow.state not in (DEPLOYED, PAUSED):
        raise NotDeployed("only a deployed workflow can be paused")
    return workflow if workflow.state == state else workflows.set_state(session, workflow, state)


def _warnings(session: Session, workflow: Workflow) -> list[str]:
    """Return what of a workflow's scope is unknown so far, and which steps ask for skills that nobody has now."""
    seen = tickets.scopes(session, workflow.company_id)
    found = unknown_names(workflow.scope, seen, people.departments(session, workflow.company_id))
    steps = [step for step in workflow.definition.steps if step.skills]
    if not steps:
        return found
    members = people.of_department(session, workflow.company_id, workflow.scope.department).values()
    return found + [
        f"Nobody who does the work of {step.name!r} has {' and '.join(map(repr, step.skills))}: its tasks will wait."
        for step in steps
        if not any(fits(each.role, step.role) and not lacking(each.skills, step.skills) for each in members)
    ]


def _lock(session: Session, company_id: int, workflow_id: int, precondition: Precondition[Any]) -> Workflow:
    found = workflows.lock(session, company_id, workflow_id)
    if found is None:
        raise WorkflowNotFound(workflow_id)
    precondition.check(found)
    found.check_change()
    return found


def _check_calendar(session: Session, company_id: int, definition: Definition) -> None:
    faults = _faults_of_calendar(session, company_id, definition.calendar_id, definition.sla_seconds)
    if faults:
        raise BadWorkflow(faults)


def _faults_of_calendar(
    session: Session, company_id: int, calendar_id: int | None, targets: Mapping[str, int]
) -> list[Fault]:
    """Return the fault of a calendar that the company doesn't have, or of targets that take too long by it.

    The transaction keeps the calendar from being changed or deleted.
    """
    if calendar_id is None:
        return []
    stored = calendars.lock_shared(session, company_id, calendar_id)
    if stored is None:
        return [Fault("calendar_id", "There is no such calendar.")]
    return faults_by_calendar(targets, stored_calendar(stored.document), datetime.now(UTC))
