"""A task is escalated upwards, to each role once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_service.domain.definition import STEP_ROLES, Step, line
from workflow_service.domain.escalation import RANKS, AlreadyEscalated, remaining_roles
from workflow_service.domain.graph import faults


def path(step: Step) -> list[str]:
    """Return the roles that a task at a step is escalated to, until there is none."""
    roles: list[str] = []
    while len(roles) < 9:
        try:
            roles.append(remaining_roles(step, roles)[0])
        except AlreadyEscalated:
            break
    return roles


@pytest.mark.parametrize(
    ("role", "escalate_to", "expected"),
    [
        ("agent", None, ["lead", "manager", "admin"]),
        ("agent", "manager", ["manager", "admin"]),
        ("lead", None, ["manager", "admin"]),
        ("manager", None, ["admin"]),
        ("admin", None, []),
        ("admin", "agent", []),
    ],
)
def test_the_roles_above_a_step(role: str, escalate_to: str | None, expected: list[str]) -> None:
    assert path(Step("Approval", role, 1, escalate_to=escalate_to)) == expected


@given(role=st.sampled_from(STEP_ROLES), escalate_to=st.none() | st.sampled_from(STEP_ROLES))
def test_no_task_goes_down_and_none_twice(role: str, escalate_to: str | None) -> None:
    ranks = [RANKS.index(each) for each in path(Step("a", role, 1, escalate_to=escalate_to))]
    assert ranks == sorted(set(ranks))
    assert all(rank > RANKS.index(role) for rank in ranks)


@pytest.mark.parametrize(("role", "escalate_to"), [("admin", "agent"), ("lead", "lead"), ("manager", "lead")])
def test_a_step_that_names_no_higher_role_is_refused_by_field(role: str, escalate_to: str) -> None:
    steps = [Step("a", role, 0, escalate_to=escalate_to), Step("b", "agent", 1)]
    assert [fault.field for fault in faults(steps, line(steps))] == ["steps.0.escalate_to"]
