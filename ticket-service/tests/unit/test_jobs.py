"""Jobs: their states, the problems of their items, and their content as JSON."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest
from ticket_service.domain.edit import Edit, OwnerAnswers
from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.errors import IllegalMove, TicketNotFound, UnknownDepartment
from ticket_service.domain.jobs import UNFINISHED, ItemProblem, Job, JobKind, JobState, problem_of, state_of
from ticket_service.domain.teams import NamedTeam, Team
from ticket_service.domain.ticket import Draft
from ticket_service.service import ERRORS
from ticket_service.store.job_contents import change_json, change_of, draft_of

JOB = Job(
    id=uuid4(),
    company_id=1,
    kind=JobKind.CREATE,
    state=JobState.QUEUED,
    created_by="7",
    total=5,
    succeeded=0,
    failed=0,
    steps=0,
    created_at=datetime.now(UTC),
    finished_at=None,
)


@pytest.mark.parametrize(
    ("total", "succeeded", "failed", "state"),
    [
        (3, 0, 0, JobState.RUNNING),
        (3, 2, 0, JobState.RUNNING),
        (3, 1, 1, JobState.RUNNING),
        (3, 3, 0, JobState.DONE),
        (3, 1, 2, JobState.DONE),
        (3, 0, 3, JobState.FAILED),
        (0, 0, 0, JobState.DONE),
    ],
)
def test_a_job_is_done_once_all_items_have_results_and_failed_where_none_succeeded(
    total: int, succeeded: int, failed: int, state: JobState
) -> None:
    assert state_of(total, succeeded, failed) is state


@pytest.mark.parametrize("state", JobState)
def test_queued_and_running_jobs_are_unfinished(state: JobState) -> None:
    assert replace(JOB, state=state).finished is (state not in UNFINISHED)


def test_an_item_without_a_result_is_unprocessed() -> None:
    assert replace(JOB, succeeded=2, failed=1).unprocessed == 2


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (TicketNotFound(), ItemProblem(404, "ticket_not_found", "There is no such ticket.")),
        (
            IllegalMove(Status.CLOSED, Status.PENDING),
            ItemProblem(409, "illegal_move", "A ticket that is closed can't become pending."),
        ),
        (
            UnknownDepartment("Ministry"),
            ItemProblem(
                400,
                "unknown_department",
                "There is no department 'Ministry'.",
                ({"field": "department", "message": "Not a department of this company."},),
            ),
        ),
        (ZeroDivisionError(), None),
    ],
)
def test_the_problem_of_an_item_is_that_of_a_single_call(error: Exception, problem: ItemProblem | None) -> None:
    assert problem_of(error, ERRORS) == problem


@pytest.mark.parametrize(
    ("priority", "status", "department", "team"),
    list(
        product(
            (None, Priority.URGENT),
            (None, Status.ON_HOLD),
            (None, "HR"),
            (None, NamedTeam(None), NamedTeam('Netz "Süd"')),
        )
    ),
)
def test_a_change_survives_its_storage(
    priority: Priority | None, status: Status | None, department: str | None, team: NamedTeam | None
) -> None:
    edit = Edit(priority=priority, status=status, department=department, team=team)
    for answers in (OwnerAnswers(), OwnerAnswers(True, Team(3, 'Netz "Süd"', None)), OwnerAnswers(False)):
        assert change_of(json.loads(json.dumps(change_json(edit, answers)))) == (edit, answers)


def test_a_draft_survives_its_storage() -> None:
    fields = {"title": "t", "description": "d", "user_name": None, "user_email": "a@b.example"}
    assert draft_of(fields) == Draft("t", "d", None, "a@b.example")
    whole = fields | {"customer_id": "7", "priority": "high", "metadata": {"a": [1, None]}}
    assert draft_of(whole) == Draft("t", "d", None, "a@b.example", "7", Priority.HIGH, {"a": [1, None]})
