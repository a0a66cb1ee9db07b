"""Edits of a ticket, and versions."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from ticket_service.domain.departments import SEEDED
from ticket_service.domain.edit import Choices, Edit, Edited, RoutingRequest, edited
from ticket_service.domain.enums import Priority, Status
from ticket_service.domain.errors import IllegalMove, StaleVersion, UnfitTeam, UnknownTeam, VersionConflict
from ticket_service.domain.teams import NamedTeam, Team
from ticket_service.domain.ticket import Expected, Ticket

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
PREDICTED = replace(TICKET, department="HR", decided_by="keywords")
BY_PERSON = replace(TICKET, department="HR", decided_by="person")


def test_an_edit_names_what_differs() -> None:
    outcome = edited(TICKET, Edit(title="Scanner", description="It smokes.", status=Status.ON_HOLD), Choices(SEEDED))
    assert outcome.changed == ("title",)
    assert outcome.moved
    assert (outcome.ticket.title, outcome.ticket.status) == ("Scanner", Status.ON_HOLD)


def test_a_category_of_a_person_is_given_and_stays_so() -> None:
    outcome = edited(PREDICTED, Edit(category="Hardware", sub_category="Laptop"), Choices(SEEDED))
    assert set(outcome.changed) == {"category", "sub_category"}
    ticket = outcome.ticket
    assert (ticket.category, ticket.category_given, ticket.sub_category) == ("Hardware", True, "Laptop")
    assert edited(ticket, Edit(category="Hardware", sub_category="Laptop"), Choices(SEEDED)).changed == ()


def test_naming_the_predicted_category_makes_it_given() -> None:
    predicted = replace(PREDICTED, category="Hardware")
    outcome = edited(predicted, Edit(category="Hardware"), Choices(SEEDED))
    assert outcome.changed == ("category",)
    assert outcome.ticket.category_given


def test_equal_values_are_no_change() -> None:
    outcome = edited(BY_PERSON, Edit(title="Printer", status=Status.PENDING), Choices(SEEDED))
    assert outcome.ticket == BY_PERSON
    assert not outcome.changed
    assert not outcome.moved
    assert outcome.request is None


def test_a_request_for_what_is_shown_is_no_change_but_still_a_request() -> None:
    outcome = edited(BY_PERSON, Edit(department="HR"), Choices(SEEDED))
    assert (outcome.ticket, outcome.changed, outcome.moved) == (BY_PERSON, (), False)
    assert outcome.request == RoutingRequest("HR"), "a newer routing may be on its way"


def test_replacing_a_request_that_was_not_answered_yet_is_a_change() -> None:
    asked = replace(BY_PERSON, request_revision=4, request_answered=2)
    assert edited(asked, Edit(department="HR"), Choices(SEEDED)).changed == ("department",)
    assert edited(replace(asked, request_answered=4), Edit(department="HR"), Choices(SEEDED)).changed == ()


def test_naming_the_predicted_department_makes_it_a_persons_request() -> None:
    outcome = edited(PREDICTED, Edit(department="HR"), Choices(SEEDED))
    assert outcome.request == RoutingRequest("HR")
    assert outcome.changed == ("department",)
    assert outcome.ticket == PREDICTED, "a request is not yet applied"


def test_naming_the_predicted_priority_makes_it_a_given_one() -> None:
    outcome = edited(TICKET, Edit(priority=Priority.LOW), Choices(SEEDED))
    assert outcome.ticket.priority_given
    assert outcome.changed == ("priority",)


def test_an_edit_can_not_make_an_illegal_move() -> None:
    with pytest.raises(IllegalMove):
        edited(replace(TICKET, status=Status.CLOSED), Edit(title="x", status=Status.PENDING), Choices(SEEDED))


@pytest.mark.parametrize(
    "fits", [Expected(), Expected(frozenset({"1", "5"})), Expected(None, 1), Expected(frozenset({"1"}), 1)]
)
def test_a_ticket_accepts_the_version_it_has(fits: Expected) -> None:
    TICKET.check_version(fits)


def test_another_version_is_stale() -> None:
    with pytest.raises(StaleVersion, match="version 1"):
        TICKET.check_version(Expected(frozenset({"2", "x"})))
    with pytest.raises(StaleVersion):
        TICKET.check_version(Expected(frozenset()))
    with pytest.raises(VersionConflict, match="version 1"):
        TICKET.check_version(Expected(None, 2))


@pytest.mark.parametrize(("version", "is_stale"), [(2, True), (3, False), (5, False), (6, True)])
def test_a_version_is_stale_once_a_person_has_changed_the_ticket(version: int, is_stale: bool) -> None:
    ticket = replace(TICKET, version=5, edited_version=3)
    for expected, error in (
        (Expected(frozenset({str(version)})), StaleVersion),
        (Expected(None, version), VersionConflict),
    ):
        if is_stale:
            with pytest.raises(error, match="version 5"):
                ticket.check_version(expected)
        else:
            ticket.check_version(expected)


NETWORK = Team(7, "Network", "IT Support")
DESK = Team(8, "Front desk", None)


def requesting(ticket: Ticket, team: Team | None, department: str | None = None) -> Edited:
    edit = Edit(department=department, team=NamedTeam(team.name if team else None))
    return edited(ticket, edit, Choices(SEEDED, team))


def test_a_team_is_requested_with_its_own_department_or_the_tickets() -> None:
    own = requesting(PREDICTED, NETWORK)
    assert (own.request, own.changed) == (RoutingRequest("IT Support", True, NETWORK), ("department", "team"))
    stays = requesting(PREDICTED, DESK)
    assert (stays.request, stays.changed) == (RoutingRequest(None, True, DESK), ("team",)), "wherever it is by then"
    named = requesting(TICKET, DESK, "Finance")
    assert (named.request, named.changed) == (RoutingRequest("Finance", True, DESK), ("department", "team"))


@pytest.mark.parametrize(
    ("ticket", "team", "changed"),
    [
        (replace(BY_PERSON, team_id=8, team="Front desk"), None, ("team",)),
        (PREDICTED, None, ("team",)),
        (TICKET, None, ("team",)),
        (BY_PERSON, None, ()),
        (replace(BY_PERSON, team_id=8, team="Front desk"), DESK, ()),
    ],
)
def test_naming_a_team_or_none_is_always_a_request_and_a_change_unless_shown(
    ticket: Ticket, team: Team | None, changed: tuple[str, ...]
) -> None:
    outcome = requesting(ticket, team)
    assert (outcome.request, outcome.changed) == (RoutingRequest(None, True, team), changed)


def test_a_team_that_can_not_have_the_ticket_is_refused() -> None:
    with pytest.raises(UnknownTeam):
        edited(PREDICTED, Edit(team=NamedTeam("Ministry")), Choices(SEEDED))
    with pytest.raises(UnfitTeam, match="belongs to 'IT Support'"):
        requesting(PREDICTED, NETWORK, "HR")
    with pytest.raises(UnfitTeam, match="in no department yet"):
        requesting(TICKET, DESK)
    with pytest.raises(UnfitTeam, match="takes no tickets"):
        requesting(replace(PREDICTED, department="Closed"), DESK)
