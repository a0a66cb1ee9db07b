"""What an edit makes of a ticket, and versions."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from ticket_service.domain.errors import IllegalMove, StaleVersion, VersionConflict
from ticket_service.domain.ticket import Edit, Expected, Ticket, edited
from ticket_service.domain.words import Priority, Status

NOW = datetime(2026, 11, 20, tzinfo=UTC)
TICKET = Ticket(
    id=1,
    uuid=uuid4(),
    company_id=1,
    title="Printer",
    description="It smokes.",
    priority=Priority.LOW,
    priority_given=False,
    created_at=NOW,
    updated_at=NOW,
)
BY_MACHINE = replace(TICKET, department="HR", decided_by="keywords")
BY_PERSON = replace(TICKET, department="HR", decided_by="person")


def test_an_edit_names_what_differs() -> None:
    outcome = edited(TICKET, Edit(title="Scanner", description="It smokes.", status=Status.ON_HOLD))
    assert outcome.changed == ("title",)
    assert outcome.moved
    assert (outcome.ticket.title, outcome.ticket.status) == ("Scanner", Status.ON_HOLD)


def test_what_is_the_same_already_is_no_change() -> None:
    outcome = edited(BY_PERSON, Edit(title="Printer", status=Status.PENDING, department="HR"))
    assert outcome.ticket == BY_PERSON
    assert not outcome.changed
    assert not outcome.moved
    assert outcome.wanted_department is None


def test_naming_the_machines_department_makes_it_a_persons_wish() -> None:
    outcome = edited(BY_MACHINE, Edit(department="HR"))
    assert outcome.wanted_department == "HR"
    assert outcome.changed == ("department",)
    assert outcome.ticket == BY_MACHINE, "a wish is not yet true"


def test_naming_the_machines_priority_makes_it_a_given_one() -> None:
    outcome = edited(TICKET, Edit(priority=Priority.LOW))
    assert outcome.ticket.priority_given
    assert outcome.changed == ("priority",)


def test_an_edit_can_not_make_an_illegal_move() -> None:
    with pytest.raises(IllegalMove):
        edited(replace(TICKET, status=Status.CLOSED), Edit(title="x", status=Status.PENDING))


@pytest.mark.parametrize(
    "fits", [Expected(), Expected(frozenset({1, 5})), Expected(None, 1), Expected(frozenset({1}), 1)]
)
def test_a_ticket_accepts_the_version_it_has(fits: Expected) -> None:
    TICKET.expect(fits)


def test_another_version_is_stale() -> None:
    with pytest.raises(StaleVersion, match="version 1"):
        TICKET.expect(Expected(frozenset({2})))
    with pytest.raises(StaleVersion):
        TICKET.expect(Expected(frozenset()))
    with pytest.raises(VersionConflict, match="version 1"):
        TICKET.expect(Expected(None, 2))
