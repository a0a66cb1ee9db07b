"""A task's moves: the table of statuses, transitions, approval; any sequence of them keeps the rules."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from workflow_service.domain import moves
from workflow_service.domain.definition import Definition, Step, Transition
from workflow_service.domain.moves import ApprovalNeeded, IllegalMove, LastStep, UnknownStep
from workflow_service.domain.task import CLOSED, COMPLETED, IN_PROGRESS, PENDING, TASK_STATUSES, Task

NOW = datetime(2026, 11, 30, tzinfo=UTC)
DEFINITION = Definition(
    steps=(
        Step("ask", "agent", 1),
        Step("approve", "lead", 2, requires_approval=True),
        Step("do", "agent", 3),
        Step("done", "agent", 4),
    ),
    transitions=(
        Transition("ask", "approve", "ask"),
        Transition("approve", "ask", "refuse"),
        Transition("approve", "do", "approve"),
        Transition("do", "done", "finish"),
    ),
    sla_seconds={},
)
TASK = Task(
    company_id=1, id=1, ticket_id=42, ticket_uuid=None, external_ticket_id=None, workflow_id=1, workflow_version=1,
    matched_by="", department=None, team_id=None, team=None, priority="low", status=PENDING, step="ask",
    resume_step=None, assigned_user=None, assigned_at=None, sla_deadline=None, is_sla_breached=False, clocks=None,
    version=1, revision=1, created_at=NOW, updated_at=NOW, completed_at=None,
)  # fmt: skip
ALLOWED = {
    (PENDING, IN_PROGRESS),
    (IN_PROGRESS, COMPLETED),
    (COMPLETED, CLOSED),
    (COMPLETED, IN_PROGRESS),
    (CLOSED, IN_PROGRESS),
}


@pytest.mark.parametrize("current", TASK_STATUSES)
@pytest.mark.parametrize("wanted", TASK_STATUSES)
def test_five_moves_are_allowed_and_all_others_refused(current: str, wanted: str) -> None:
    task = replace(TASK, status=current)
    if (current, wanted) in ALLOWED:
        assert moves.set_status(task, DEFINITION, wanted, may_approve=True).status == wanted
        return
    with pytest.raises(IllegalMove):
        moves.set_status(task, DEFINITION, wanted, may_approve=True)


def test_completing_passes_over_no_step_that_requires_approval() -> None:
    task = replace(TASK, status=IN_PROGRESS)
    with pytest.raises(ApprovalNeeded):
        moves.set_status(task, DEFINITION, COMPLETED, may_approve=False)
    beyond = replace(task, step="do")
    assert moves.set_status(beyond, DEFINITION, COMPLETED, may_approve=False).step == "done"


def test_the_next_step_by_order_is_no_way_back() -> None:
    assert moves.next_transition(replace(TASK, step="approve"), DEFINITION).target == "do"
    with pytest.raises(LastStep):
        moves.next_transition(replace(TASK, step="done"), DEFINITION)
    only_back = replace(DEFINITION, transitions=(*DEFINITION.transitions[:2], Transition("ask", "done", "x")))
    with pytest.raises(IllegalMove):
        moves.next_transition(replace(TASK, step="approve"), only_back)


class TaskLife(RuleBasedStateMachine):
    """Any sequence of moves by people who may approve or may not."""

    def __init__(self) -> None:
        super().__init__()
        self.task = TASK
        self.approved = False

    @rule(wanted=st.sampled_from(TASK_STATUSES), may_approve=st.booleans())
    def set_status(self, wanted: str, may_approve: bool) -> None:
        before = self.task
        try:
            self.task = moves.set_status(before, DEFINITION, wanted, may_approve=may_approve)
        except IllegalMove:
            assert (before.status, wanted) not in ALLOWED
        except ApprovalNeeded:
            assert not may_approve
        else:
            assert (before.status, self.task.status) in ALLOWED
            self.approved |= may_approve and wanted == COMPLETED

    @rule(to=st.sampled_from([*(step.name for step in DEFINITION.steps), "nowhere"]), may_approve=st.booleans())
    def take_transition(self, to: str, may_approve: bool) -> None:
        before = self.task
        try:
            self.task = moves.take_transition(before, DEFINITION, to, may_approve=may_approve)
        except UnknownStep:
            assert to == "nowhere"
        except IllegalMove:
            ways = [each.target for each in DEFINITION.from_step(before.step)]
            assert not before.is_open or to not in ways
        except ApprovalNeeded:
            assert before.step == "approve"
            assert not may_approve
        else:
            assert before.is_open
            assert (before.step, to) in {(each.source, each.target) for each in DEFINITION.transitions}
            self.approved |= may_approve and before.step == "approve"

    @invariant()
    def who_may_approve_has_approved_what_is_beyond(self) -> None:
        assert self.task.step in ("ask", "approve") or self.approved

    @invariant()
    def an_ended_task_is_at_the_end_and_an_open_one_is_not(self) -> None:
        assert (self.task.step == "done") == (self.task.status in (COMPLETED, CLOSED))

    @invariant()
    def an_ended_task_knows_where_it_came_from(self) -> None:
        assert (self.task.resume_step is None) == self.task.is_open


TestTaskLife = TaskLife.TestCase
TestTaskLife.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
