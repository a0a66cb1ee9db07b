"""Which proposals of a model are accepted, and with which confidence."""

import math

import pytest
from ai_service.domain.classification import REASON_CHARACTERS, Proposal, UnknownDepartment, parse_confidence, validate
from ai_service.domain.departments import current
from hypothesis import given
from hypothesis import strategies as st

DEPARTMENTS = current([])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["HR", "95", " 1e3 %"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        (400, 100),
        (-3, 0),
        (10**400, 100),
        (87.456, 87.46),
        ("95", 95),
        ("95%", 95),
        ("400", 100),
        (None, 70),
        ("very sure", 70),
        (math.nan, 70),
        (math.inf, 70),
        (True, 70),
        ([90], 70),
    ],
)
def test_confidence_is_clamped_and_seventy_where_none_is_stated(stated: object, read: float) -> None:
    assert parse_confidence(stated) == read


@pytest.mark.parametrize("department", ["Marketing", "", None, 3, ["HR"], "HR; IT Support"])
def test_a_department_outside_the_list_is_rejected(department: object) -> None:
    with pytest.raises(UnknownDepartment):
        validate(Proposal(department, 90), DEPARTMENTS, "claude")


def test_a_department_is_written_as_the_list_writes_it() -> None:
    assert validate(Proposal("it support ", 90), DEPARTMENTS, "claude").department == "IT Support"


def test_low_confidence_asks_for_a_person() -> None:
    assert validate(Proposal("HR", 39), DEPARTMENTS, "claude").need_admin
    assert not validate(Proposal("HR", 40), DEPARTMENTS, "claude").need_admin


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_a_model_says_becomes_a_sound_answer_or_is_rejected(
    department: object, stated: object, reason: object
) -> None:
    try:
        answer = validate(Proposal(department, stated, reason), DEPARTMENTS, "claude")
    except UnknownDepartment:
        return
    assert answer.department in DEPARTMENTS.names
    assert 0 <= answer.confidence <= 100
    assert len(answer.reason) <= REASON_CHARACTERS
    answer.reason.encode()
    assert "\x00" not in answer.reason
