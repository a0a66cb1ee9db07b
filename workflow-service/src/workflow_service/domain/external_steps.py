"""Which steps ask a partner, and which moves must wait for its answer."""

from collections.abc import Collection

from workflow_service.domain.definition import Definition
from workflow_service.domain.external import APPROVED, FAILED, KINDS, NEEDS_DATA, NONE, REFUSED, ExternalUndecided
from workflow_service.domain.task import CLOSED, COMPLETED, Task


def kind_at(definition: Definition, step: str) -> str | None:
    """Return what a partner is asked for at a step: by the step itself, or by the end logic at the end."""
    if step == definition.end.name and definition.end_logic in KINDS:
        return definition.end_logic
    return definition.step(step).external


def kinds_of(definition: Definition) -> frozenset[str]:
    """Return everything that partners are asked for in a workflow."""
    found = {kind_at(definition, step.name) for step in definition.steps}
    return frozenset(kind for kind in found if kind is not None)


def asks_partners(definition: Definition) -> bool:
    """Return whether a workflow has an end logic, or a step that asks a partner."""
    return definition.end_logic != NONE or any(step.external is not None for step in definition.steps)


def check_move(before: Task, after: Task, definition: Definition, approved_steps: Collection[str]) -> None:
    """Raise ExternalUndecided for a move that must wait for a partner.

    A task moves on from a step once its request is approved; refused, failed or without data it may go back. Completing
    passes over no step that asks a partner, but those in `approved_steps`.
    """
    open_request = before.external_state not in (None, APPROVED)
    if open_request and _moves_on(before, after, definition):
        raise ExternalUndecided(
            f"the request of {before.step!r} is {before.external_state}; a manager or an admin may move the task on"
            " with `override` and notes"
        )
    if before.is_open and after.status == COMPLETED:
        for step in _passed_over(before, definition):
            if step not in approved_steps:
                raise ExternalUndecided(
                    f"{step!r} asks a partner first; a manager or an admin may pass it over with `override` and notes"
                )


def _moves_on(before: Task, after: Task, definition: Definition) -> bool:
    if after.step == before.step:
        return after.status == CLOSED != before.status
    if not before.is_open:
        return False  # reopened: the task goes back
    may_go_back = before.external_state in (NEEDS_DATA, REFUSED, FAILED)
    return not (may_go_back and definition.step(after.step).order < definition.step(before.step).order)


def _passed_over(before: Task, definition: Definition) -> list[str]:
    """Return the steps that ask a partner and that a task completed from here doesn't come to."""
    if definition.end.name in {transition.target for transition in definition.from_step(before.step)}:
        return []
    left = definition.reachable(before.step) - {before.step, definition.end.name}
    return [step.name for step in definition.steps if step.name in left and step.external is not None]
