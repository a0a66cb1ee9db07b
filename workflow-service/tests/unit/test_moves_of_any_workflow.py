"""Any sequence of moves through any workflow, by people and by the ticket's status, against a model."""

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from workflow_service.domain import moves
from workflow_service.domain.definition import Definition, Step, Transition
from workflow_service.domain.graph import faults
from workflow_service.domain.moves import ApprovalNeeded, IllegalMove, LastStep
from workflow_service.domain.task import CLOSED, COMPLETED, IN_PROGRESS, OPEN, TASK_STATUSES, Task

from .test_moves import ALLOWED, TASK

TICKET_STATUSES = ("pending", "in_progress", "on_hold", "resolved", "closed")
FOLLOWED = {"resolved": (COMPLETED, CLOSED), "closed": (CLOSED,), "in_progress": (IN_PROGRESS,)}
"""The statuses of a task that agree with its ticket's; every one agrees with those that are not named."""


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Return a valid workflow: a line of 2 to 7 steps, with shortcuts and ways back between its inner steps."""
    number = draw(st.integers(2, 7))
    orders = draw(st.lists(st.integers(1, 99), min_size=number, max_size=number, unique=True))
    approvals = draw(st.lists(st.booleans(), min_size=number, max_size=number))
    steps = [
        Step(f"s{place}", "agent", order, requires_approval=approval)
        for place, (order, approval) in enumerate(zip(sorted(orders), approvals, strict=True))
    ]
    ways = {(place, place + 1) for place in range(number - 1)}
    inner = st.tuples(st.integers(0, number - 2), st.integers(0, number - 1))
    ways |= {(source, target) for source, target in draw(st.lists(inner, max_size=8)) if source != target}
    transitions = tuple(Transition(f"s{source}", f"s{target}", f"{source}-{target}") for source, target in sorted(ways))
    return Definition(steps=tuple(draw(st.permutations(steps))), transitions=transitions, sla_seconds={})


class AnyTask(RuleBasedStateMachine):
    """A task, and what the rules in words say of it: its status, its step, and whether an approval was passed over."""

    @initialize(definition=definitions())
    def begin(self, definition: Definition) -> None:
        self.definition = definition
        self.task: Task = replace(TASK, step=definition.start.name)
        self.last = definition.end.name
        self.ways = {(each.source, each.target) for each in definition.transitions}
        self.needs_approval = {step.name for step in definition.steps if step.requires_approval}

    def blocked(self, *, may_approve: bool) -> bool:
        """Return whether completing would pass over a step that needs an approval."""
        return not may_approve and bool(self.needs_approval & self.still_reachable(self.task.step))

    def still_reachable(self, step: str) -> set[str]:
        found: set[str] = set()
        ahead = {step}
        while ahead:
            found |= ahead
            ahead = {target for source, target in self.ways if source in ahead} - found
        return found

    @rule(wanted=st.sampled_from(TASK_STATUSES), may_approve=st.booleans())
    def set_status(self, wanted: str, may_approve: bool) -> None:
        before, blocked = self.task, self.blocked(may_approve=may_approve)
        try:
            self.task = moves.set_status(before, self.definition, wanted, may_approve=may_approve)
        except IllegalMove:
            assert (before.status, wanted) not in ALLOWED
            return
        except ApprovalNeeded:
            assert wanted == COMPLETED
            assert blocked
            return
        assert (before.status, wanted) in ALLOWED
        assert self.task.status == wanted
        if wanted == COMPLETED:
            assert not blocked
            assert (self.task.step, self.task.resume_step) == (self.last, before.step)
        elif before.status in (COMPLETED, CLOSED) and wanted == IN_PROGRESS:
            assert self.task.step == before.resume_step
        else:
            assert self.task.step == before.step

    @rule(data=st.data(), may_approve=st.booleans())
    def take_transition(self, data: st.DataObject, may_approve: bool) -> None:
        before = self.task
        to = data.draw(st.sampled_from([step.name for step in self.definition.steps]))
        try:
            self.task = moves.take_transition(before, self.definition, to, may_approve=may_approve)
        except IllegalMove:
            assert before.status not in OPEN or (before.step, to) not in self.ways
            return
        except ApprovalNeeded:
            assert before.step in self.needs_approval
            assert not may_approve
            return
        assert (before.step, to) in self.ways
        assert may_approve or before.step not in self.needs_approval
        assert (self.task.step, self.task.status) == (to, COMPLETED if to == self.last else IN_PROGRESS)

    @precondition(lambda self: self.task.status in OPEN)
    @rule()
    def advance(self) -> None:
        orders = {step.name: step.order for step in self.definition.steps}
        later = [target for source, target in self.ways if source == self.task.step and orders[target] > orders[source]]
        try:
            wanted = moves.next_transition(self.task, self.definition).target
        except (IllegalMove, LastStep):
            assert not later
            return
        assert wanted == min(later, key=lambda name: orders[name])
        self.task = moves.take_transition(self.task, self.definition, wanted, may_approve=True)

    @rule(status=st.sampled_from(TICKET_STATUSES))
    def follow_ticket(self, status: str) -> None:
        before = self.task
        self.task = moves.follow_ticket(before, self.definition, status)
        assert self.task.status in FOLLOWED.get(status, (before.status,))
        assert moves.follow_ticket(self.task, self.definition, status) == self.task, "the same again changes nothing"

    @invariant()
    def it_is_at_the_end_exactly_when_it_has_ended(self) -> None:
        assert (self.task.step == self.last) == (self.task.status not in OPEN)

    @invariant()
    def an_ended_task_knows_the_step_that_it_goes_back_to_and_an_open_one_knows_none(self) -> None:
        inner = {step.name for step in self.definition.steps} - {self.last}
        assert self.task.resume_step in (inner if self.task.status not in OPEN else {None})

    @invariant()
    def nothing_but_status_and_step_has_changed(self) -> None:
        fixed: dict[str, Any] = {"status": "", "step": "", "resume_step": None}
        assert replace(self.task, **fixed) == replace(TASK, **fixed)

    @invariant()
    def the_workflow_was_valid(self) -> None:
        assert faults(self.definition.steps, self.definition.transitions) == []


TestAnyTask = AnyTask.TestCase
TestAnyTask.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
