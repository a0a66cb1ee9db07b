"""Targets of responses: all priorities or none, and none longer than the resolution's."""

import pytest
from workflow_service.domain.targets import response_targets_of

TARGETS = {"urgent": 3_600, "high": 7_200, "medium": 14_400, "low": 28_800}
GIVEN = {"urgent_response_sla": "PT10M", "high_response_sla": "PT20M", "medium_response_sla": "PT1H",
         "low_response_sla": "PT8H"}  # fmt: skip


def test_all_four_are_taken_and_none_too() -> None:
    assert response_targets_of(GIVEN, TARGETS) == ({"urgent": 600, "high": 1_200, "medium": 3_600, "low": 28_800}, [])
    assert response_targets_of(dict.fromkeys(GIVEN), TARGETS) == (None, [])


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"high_response_sla": None}, ["high_response_sla"]),
        ({"high_response_sla": "P2D"}, ["high_response_sla"]),
        ({"high_response_sla": "PT0S", "low_response_sla": "-PT1H"}, ["high_response_sla", "low_response_sla"]),
        ({"high_response_sla": "PT10M"}, ["urgent_response_sla"]),
        ({"low_response_sla": "PT9H"}, ["low_response_sla"]),
        ({"low_response_sla": "PT9000H"}, ["low_response_sla"]),
    ],
)
def test_every_fault_is_named(changed: dict[str, str | None], fields: list[str]) -> None:
    _, faults = response_targets_of(GIVEN | changed, TARGETS)
    assert [fault.field for fault in faults] == fields
