"""The content of workflows: from the body of a request, and to an answer."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from workflow_service.domain.definition import (
    OPEN_HOURS,
    PRIORITIES,
    Definition,
    Step,
    Transition,
    line,
    without_weight_at_end,
)
from workflow_service.domain.duration import format_duration
from workflow_service.domain.graph import Fault, faults
from workflow_service.domain.targets import response_targets_of, targets_of
from workflow_service.domain.workflow import Scope, Workflow
from workflow_service.usecases.change_workflows import Content, faults_of_calendar

_STEP_NEEDS = {"name", "role", "order"}
_TRANSITION_NEEDS = {"source", "target"}


def faults_of(body: Mapping[str, Any], sent: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with a body beyond its single fields, whose faults are known.

    `body` has the fields that could be read, `sent` all as they came. No fault names a field that is missing in
    `body`, and the graph is judged only where its steps and transitions could be read.
    """
    targets, found = targets_of({name: value for name, value in body.items() if _is_target(name)})
    responses = {name: value for name, value in body.items() if _is_response(name)}
    found += response_targets_of(responses, targets)[1]
    if body.get("assignment_hours") == OPEN_HOURS and "calendar_id" in body and body["calendar_id"] is None:
        found.append(Fault("calendar_id", "Needed with the assignment hours 'open': without one every hour is open."))
    unread = {name for name in sent if name not in body}
    found = [fault for fault in found if fault.field not in unread]
    steps = _all_of(body, sent, "steps")
    transitions = _all_of(body, sent, "transitions")
    if steps is None or transitions is None:
        return found
    return found + faults(
        [_step(each) if each.keys() >= _STEP_NEEDS else None for each in steps],
        [_transition(each) if each.keys() >= _TRANSITION_NEEDS else None for each in transitions] or None,
    )


def faults_by_calendar_of(body: Mapping[str, Any], session: Session, company_id: int) -> list[Fault]:
    """Return the faults of a refused body that only its calendar shows, as far as the body could be read."""
    targets, _ = targets_of({name: value for name, value in body.items() if _is_target(name)})
    return faults_of_calendar(session, company_id, body.get("calendar_id"), targets)


def content_of(body: Mapping[str, Any]) -> Content:
    """Return the content of a body without faults."""
    steps = tuple(_step(each) for each in body["steps"])
    transitions = tuple(_transition(each) for each in body["transitions"]) or line(steps)
    seconds, _ = targets_of({name: value for name, value in body.items() if _is_target(name)})
    responses = {name: value for name, value in body.items() if _is_response(name)}
    response_seconds, _ = response_targets_of(responses, seconds)
    definition = Definition(
        steps=without_weight_at_end(steps, transitions),
        transitions=transitions,
        sla_seconds=seconds,
        calendar_id=body["calendar_id"],
        assignment=body["assignment"],
        capacity=body["capacity"],
        response_seconds=response_seconds,
        first_response_pauses=body["first_response_pauses"],
        end_logic=body["end_logic"],
        assignment_hours=body["assignment_hours"],
    )
    scope = Scope(body["category"], body["sub_category"], body["department"])
    return Content(body["name"], body["description"], scope, definition)


def view_of(workflow: Workflow) -> dict[str, Any]:
    """Return a workflow as answers show it."""
    definition = workflow.definition
    return {
        "id": workflow.id,
        "name": workflow.name,
        "description": workflow.description,
        **vars(workflow.scope),
        "state": workflow.state,
        "is_default": workflow.is_default,
        "version": workflow.version,
        **{f"{priority}_sla": _duration(definition.sla_seconds[priority]) for priority in PRIORITIES},
        **{f"{priority}_response_sla": _response(definition, priority) for priority in PRIORITIES},
        "first_response_pauses": definition.first_response_pauses,
        "calendar_id": definition.calendar_id,
        "steps": [vars(step) for step in definition.steps],
        "transitions": [{"from": each.source, "to": each.target, "name": each.name} for each in definition.transitions],
        "assignment": definition.assignment,
        "assignment_hours": definition.assignment_hours,
        "capacity": definition.capacity,
        "end_logic": definition.end_logic,
        "created_at": workflow.created_at,
        "updated_at": workflow.updated_at,
    }


def _all_of(body: Mapping[str, Any], sent: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]] | None:
    """Return the rows of a list in the places in which they were sent; None where some could not be read at all."""
    rows: Sequence[Mapping[str, Any]] | None = body.get(name)
    return None if rows is None or len(rows) != len(sent.get(name, ())) else rows


def _step(row: Mapping[str, Any]) -> Step:
    return Step(**{**row, "skills": tuple(row.get("skills", ()))})


def _transition(row: Mapping[str, Any]) -> Transition:
    return Transition(row["source"], row["target"], row.get("name", row["target"]))


def _is_response(name: str) -> bool:
    return name.endswith("_response_sla")


def _is_target(name: str) -> bool:
    return name.endswith("_sla") and not _is_response(name)


def _response(definition: Definition, priority: str) -> str | None:
    responses = definition.response_seconds
    return None if responses is None else _duration(responses[priority])


def _duration(seconds: int) -> str:
    return format_duration(timedelta(seconds=seconds))
