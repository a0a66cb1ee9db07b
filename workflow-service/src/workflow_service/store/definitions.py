"""The stored form of a workflow's definition."""

from typing import Any

import orjson

from workflow_service.domain.definition import PRIORITIES, Definition, Step, Transition, without_weight_at_end

COLUMNS = (
    "steps, transitions, calendar_id, urgent_sla_seconds, high_sla_seconds, medium_sla_seconds, low_sla_seconds,"
    " assignment, capacity, response_seconds, first_response_pauses, end_logic, assignment_hours"
)


def to_values(definition: Definition) -> dict[str, Any]:
    """Return the values of the columns."""
    responses = definition.response_seconds
    return {
        "steps": orjson.dumps([vars(step) for step in definition.steps]).decode(),
        "transitions": orjson.dumps([vars(transition) for transition in definition.transitions]).decode(),
        "calendar_id": definition.calendar_id,
        **{f"{priority}_sla_seconds": definition.sla_seconds[priority] for priority in PRIORITIES},
        "assignment": definition.assignment,
        "capacity": definition.capacity,
        "response_seconds": None if responses is None else orjson.dumps(responses).decode(),
        "first_response_pauses": definition.first_response_pauses,
        "end_logic": definition.end_logic,
        "assignment_hours": definition.assignment_hours,
    }


def from_row(row: Any) -> Definition:
    """Return the definition of a row with the columns."""
    steps = [Step(**{**step, "skills": tuple(step.get("skills", ()))}) for step in row.steps]
    transitions = tuple(Transition(**transition) for transition in row.transitions)
    return Definition(
        # Older versions have a weight there.
        steps=without_weight_at_end(steps, transitions),
        transitions=transitions,
        sla_seconds={priority: getattr(row, f"{priority}_sla_seconds") for priority in PRIORITIES},
        calendar_id=row.calendar_id,
        assignment=row.assignment,
        capacity=row.capacity,
        response_seconds=row.response_seconds,
        first_response_pauses=row.first_response_pauses,
        end_logic=row.end_logic,
        assignment_hours=row.assignment_hours,
    )
