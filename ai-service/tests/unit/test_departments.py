"""A company's list of departments."""

from ai_service.domain.departments import SEEDED, ReplicatedDepartment, current


def test_the_seeded_five_are_assumed_until_their_events_come() -> None:
    assert current([]).names == list(SEEDED)


def test_a_closed_seeded_department_is_not_assumed_again() -> None:
    assert "HR" not in current([ReplicatedDepartment("HR", "", is_active=False)]).names
    assert "Finance" in current([ReplicatedDepartment("HR", "", is_active=False)]).names


def test_nothing_is_assumed_once_the_replica_has_five_departments() -> None:
    known = [
        ReplicatedDepartment(name, "", is_active=True)
        for name in ("IT Support", "People", "Facilities", "Finance", "General")
    ]
    assert current(known).names == ["IT Support", "People", "Facilities", "Finance", "General"]


def test_a_name_is_found_whatever_its_case_and_blanks() -> None:
    departments = current([])
    assert departments.find("  it   SUPPORT ") == "IT Support"
    assert departments.find("Legal") is None
    assert departments.find(None) is None
    assert departments.find(["HR"]) is None


def test_equal_lists_are_equal_and_a_changed_description_is_another_list() -> None:
    one = current([ReplicatedDepartment("Legal", "law", is_active=True)])
    assert one == current([ReplicatedDepartment("Legal", "law", is_active=True)])
    assert hash(one) == hash(current([ReplicatedDepartment("Legal", "law", is_active=True)]))
    assert one != current([ReplicatedDepartment("Legal", "trademarks", is_active=True)])
