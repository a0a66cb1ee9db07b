"""Which moves must wait for a partner."""

from dataclasses import replace

import pytest
from workflow_service.domain import moves
from workflow_service.domain.definition import Definition, Step, Transition, line
from workflow_service.domain.external import (
    APPROVED,
    ASSET,
    BUDGET,
    FAILED,
    NEEDS_DATA,
    REFUSED,
    STATES,
    UNKNOWN,
    WAITING,
    ExternalUndecided,
)
from workflow_service.domain.external_steps import check_move, kind_at, kinds_of
from workflow_service.domain.task import CLOSED, COMPLETED, IN_PROGRESS, Task

from .test_moves import TASK

STEPS = (
    Step("ask", "agent", 1),
    Step("reserve", "agent", 2, external=ASSET),
    Step("do", "agent", 3),
    Step("done", "agent", 4),
)
DEFINITION = Definition(
    steps=STEPS, transitions=(*line(STEPS), Transition("reserve", "ask", "back")), sla_seconds={}, end_logic=BUDGET
)


def at(step: str, state: str | None, status: str = IN_PROGRESS) -> Task:
    return replace(TASK, step=step, status=status, external_state=state)


def move(before: Task, to: str, approved: frozenset[str] = frozenset()) -> None:
    after = moves.take_transition(before, DEFINITION, to, may_approve=True)
    check_move(before, after, DEFINITION, approved)


def change(before: Task, status: str, approved: frozenset[str] = frozenset()) -> None:
    after = moves.set_status(before, DEFINITION, status, may_approve=True)
    check_move(before, after, DEFINITION, approved)


def test_steps_ask_by_themselves_and_the_end_by_its_logic() -> None:
    assert [kind_at(DEFINITION, step.name) for step in STEPS] == [None, ASSET, None, BUDGET]
    assert kinds_of(DEFINITION) == {ASSET, BUDGET}
    assert kinds_of(replace(DEFINITION, end_logic="notification")) == {ASSET}


@pytest.mark.parametrize("state", [state for state in STATES if state != APPROVED])
def test_a_task_moves_on_only_with_an_approval(state: str) -> None:
    move(at("reserve", APPROVED), "do")
    with pytest.raises(ExternalUndecided, match=state):
        move(at("reserve", state), "do")


@pytest.mark.parametrize(
    ("state", "free"), [(NEEDS_DATA, True), (REFUSED, True), (FAILED, True), (WAITING, False), (UNKNOWN, False)]
)
def test_a_task_goes_back_unless_the_partner_is_being_asked(state: str, free: bool) -> None:
    if free:
        move(at("reserve", state), "ask")
    else:
        with pytest.raises(ExternalUndecided):
            move(at("reserve", state), "ask")


def test_completing_passes_over_no_step_that_asks() -> None:
    for step in ("ask", "reserve"):
        with pytest.raises(ExternalUndecided):
            change(at(step, None if step == "ask" else WAITING), COMPLETED)
    change(at("ask", None), COMPLETED, approved=frozenset({"reserve"}))
    change(at("reserve", APPROVED), COMPLETED)
    change(at("do", None), COMPLETED)


def test_a_task_at_the_end_is_closed_once_its_request_is_approved_and_may_be_reopened() -> None:
    done = replace(at("done", WAITING, COMPLETED), resume_step="do")
    with pytest.raises(ExternalUndecided):
        change(done, CLOSED)
    change(done, IN_PROGRESS)
    change(replace(done, external_state=APPROVED), CLOSED)
    change(replace(done, status=CLOSED), IN_PROGRESS)


def test_a_task_at_no_such_step_moves_freely() -> None:
    move(at("ask", None), "reserve")
    move(at("do", None), "done")
    change(at("ask", None, "pending"), IN_PROGRESS)
    change(at("reserve", WAITING, "pending"), IN_PROGRESS)
