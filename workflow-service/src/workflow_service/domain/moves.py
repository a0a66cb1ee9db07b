"""Which status and which step a task may get next."""

from collections.abc import Mapping
from dataclasses import replace

from workflow_service.domain.definition import Definition, Transition
from workflow_service.domain.task import CLOSED, COMPLETED, IN_PROGRESS, PENDING, Task

FOLLOWS: Mapping[str, frozenset[str]] = {
    PENDING: frozenset({IN_PROGRESS}),
    IN_PROGRESS: frozenset({COMPLETED}),
    COMPLETED: frozenset({CLOSED, IN_PROGRESS}),
    CLOSED: frozenset({IN_PROGRESS}),
}


class IllegalMove(Exception):
    """The task's status or step doesn't allow the move."""


class UnknownStep(Exception):
    """The task's workflow has no such step."""

    def __init__(self, name: str) -> None:
        super().__init__("Some fields are not valid.")
        self.errors = [{"field": "to", "message": f"The task's workflow has no step {name!r}."}]


class LastStep(Exception):
    """The task is at the end of its workflow."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The task is at the last step, {name!r}.")


class ApprovalNeeded(Exception):
    """A step that requires approval is left by a lead, a manager or an admin alone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The step {name!r} requires the approval of a lead, a manager or an admin.")


def set_status(task: Task, definition: Definition, wanted: str, *, may_approve: bool) -> Task:
    """Return the task with another status; raise IllegalMove, ApprovalNeeded.

    The same status again is illegal, so that of two people who begin a task one is refused. A completed task is at the
    end; reopened, it goes back to the step that it came from.
    """
    if wanted not in FOLLOWS[task.status]:
        raise IllegalMove(f"a task that is {task.status} can't become {wanted}")
    if wanted == COMPLETED:
        return _complete(task, definition, may_approve=may_approve)
    if wanted == IN_PROGRESS and task.status in (COMPLETED, CLOSED):
        return replace(task, status=IN_PROGRESS, step=task.resume_step or task.step, resume_step=None)
    return replace(task, status=wanted)


def take_transition(task: Task, definition: Definition, to: str, *, may_approve: bool) -> Task:
    """Return the task at another step; raise UnknownStep, IllegalMove, ApprovalNeeded.

    The first transition begins a pending task, the one to the end completes it.
    """
    if to not in {step.name for step in definition.steps}:
        raise UnknownStep(to)
    if not task.is_open:
        raise IllegalMove(f"a task that is {task.status} stays at its step; reopen it first")
    targets = [transition.target for transition in definition.from_step(task.step)]
    if to not in targets:
        raise IllegalMove(f"from {task.step!r} a task goes to {', '.join(map(repr, targets)) or 'no step'}")
    if definition.step(task.step).requires_approval and not may_approve:
        raise ApprovalNeeded(task.step)
    if to == definition.end.name:
        return replace(task, status=COMPLETED, step=to, resume_step=task.step)
    return replace(task, status=IN_PROGRESS, step=to)


def follow_ticket(task: Task, definition: Definition, ticket_status: str) -> Task:
    """Return the task as the status of its ticket asks: begun, ended or reopened with it; `on_hold` asks nothing.

    The ticket's status is ticket-service's alone: no approval keeps a task open whose ticket has ended.
    """
    if ticket_status == "in_progress" and task.status != IN_PROGRESS:
        return set_status(task, definition, IN_PROGRESS, may_approve=True)
    if ticket_status == "resolved" and task.is_open:
        return _complete(task, definition, may_approve=True)
    if ticket_status == "closed" and task.status != CLOSED:
        return replace(_complete(task, definition, may_approve=True), status=CLOSED)
    return task


def next_transition(task: Task, definition: Definition) -> Transition:
    """Return the transition to the next step by order; raise LastStep, IllegalMove."""
    if task.step == definition.end.name:
        raise LastStep(task.step)
    order = definition.step(task.step).order
    later = [each for each in definition.from_step(task.step) if definition.step(each.target).order > order]
    if not later:
        raise IllegalMove(f"from {task.step!r} no transition leads to a later step; choose one")
    return min(later, key=lambda transition: definition.step(transition.target).order)


def missing_approval(task: Task, definition: Definition) -> str | None:
    """Return the first step that requires approval and that a task at its step would pass over at the end."""
    ahead = definition.reachable(task.step)
    return next((step.name for step in definition.steps if step.requires_approval and step.name in ahead), None)


def _complete(task: Task, definition: Definition, *, may_approve: bool) -> Task:
    """Return the task at the end. Steps that require approval are not passed over without it."""
    missing = missing_approval(task, definition)
    if missing is not None and not may_approve:
        raise ApprovalNeeded(missing)
    end = definition.end.name
    return replace(task, status=COMPLETED, step=end, resume_step=task.resume_step if task.step == end else task.step)
