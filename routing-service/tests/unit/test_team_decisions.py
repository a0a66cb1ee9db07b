"""Decisions about a ticket's team: predictions propose an eligible one, people choose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from routing_service.domain.decision import Decision, Prediction, RoutingRequest
from routing_service.domain.departments import Directory
from routing_service.domain.routing import apply_prediction, apply_request, route_manually
from routing_service.domain.teams import Team, TeamChoice, TeamInactive, TeamNotFound, TeamOfAnotherDepartment, Teams
from routing_service.domain.ticket import Ticket

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
UUID = "7d444840-9dc0-51d1-b245-5ffdce74fad2"
EVERYWHERE = Team(1, "Everywhere", None, True)
PAYROLL = Team(2, "Payroll", "HR", True)
ASLEEP = Team(3, "Asleep", None, False)
DIRECTORY = Directory(
    {"HR": True, "Finance": True, "General": True, "Closed": False},
    Teams({team.team_id: team for team in (EVERYWHERE, PAYROLL, ASLEEP)}),
)
TICKET = Ticket(1, 42)
PREDICTION = Prediction(1, UUID, "HR", "Leave", "high", 70.0, False, "keywords", "ai-service", "2 words")


def predicted(ticket: Ticket = TICKET, **changes: object) -> Decision:
    decision = apply_prediction(ticket, replace(PREDICTION, **changes), DIRECTORY, NOW)  # type: ignore[arg-type]
    assert decision is not None
    return decision


def manual(ticket: Ticket, department: str, team: TeamChoice | None = None) -> Ticket:
    return route_manually(
        ticket, department=department, confidence_score=100, actor="person:1", directory=DIRECTORY, now=NOW,
        reroute=True, team=team,
    ).ticket  # fmt: skip


@pytest.mark.parametrize(
    ("team_id", "department", "team"),
    [
        (1, "HR", "Everywhere"),
        (2, "HR", "Payroll"),
        (2, "Finance", None),  # of another department
        (3, "HR", None),  # inactive
        (9, "HR", None),  # unknown
        (None, "HR", None),
    ],
)
def test_a_proposed_team_has_the_ticket_if_it_takes_those_of_its_department(
    team_id: int | None, department: str, team: str | None
) -> None:
    decision = predicted(team_id=team_id, department=department)
    assert (decision.ticket.team, decision.routing.team) == (team, team)
    assert not decision.ticket.team_by_person


def test_a_team_must_be_eligible_in_the_department_that_the_ticket_goes_to() -> None:
    assert predicted(team_id=2, department="Gone").ticket.team is None
    kept = predicted(team_id=1, department="Gone").ticket
    assert (kept.department, kept.team, kept.need_admin) == ("General", "Everywhere", True)


def test_an_uncertain_ticket_needs_no_admin_once_a_team_has_it() -> None:
    unsure = {"department": "General", "need_admin": True}
    assert predicted(**unsure).ticket.need_admin
    assert not predicted(**unsure, team_id=1).ticket.need_admin


def test_another_team_is_published() -> None:
    first = predicted().ticket
    again = predicted(first, revision=2, team_id=1)
    assert (again.published, again.ticket.team_id) == (True, 1)
    assert not predicted(again.ticket, revision=3, team_id=1).published


def test_a_persons_team_overrides_predictions() -> None:
    chosen = manual(predicted(team_id=1).ticket, "HR", TeamChoice(2))
    late = predicted(chosen, revision=2, team_id=1)
    assert (late.ticket.team, late.ticket.team_by_person, late.published) == ("Payroll", True, False)
    assert (late.routing.team, late.routing.applied) == ("Everywhere", False)


def test_a_person_may_choose_that_no_team_has_it() -> None:
    ticket = manual(predicted(team_id=1).ticket, "HR", TeamChoice(None))
    assert (ticket.team, ticket.team_by_person) == (None, True)


def test_without_a_choice_the_ticket_keeps_an_eligible_team() -> None:
    machines = predicted(team_id=1).ticket
    assert (manual(machines, "Finance").team, manual(machines, "Finance").team_by_person) == ("Everywhere", False)
    chosen = manual(machines, "HR", TeamChoice(2))
    assert (manual(chosen, "HR").team, manual(chosen, "HR").team_by_person) == ("Payroll", True)
    assert (manual(chosen, "Finance").team, manual(chosen, "Finance").team_by_person) == (None, False)


@pytest.mark.parametrize(
    ("team_id", "department", "refusal"),
    [(9, "HR", TeamNotFound), (3, "HR", TeamInactive), (2, "Finance", TeamOfAnotherDepartment)],
)
def test_an_error_explains_why_a_team_is_not_eligible(team_id: int, department: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        manual(Ticket(1, 42), department, TeamChoice(team_id))


def test_a_request_carries_its_team_and_drops_and_records_one_that_is_not_eligible() -> None:
    def requested(revision: int, team_id: int | None, made_at: datetime = NOW) -> Decision:
        request = RoutingRequest(revision, "Finance", "person:1", made_at, TeamChoice(team_id))
        decision = apply_request(predicted().ticket, request, DIRECTORY, NOW)
        assert decision is not None
        return decision

    had = requested(1, 1).ticket
    assert (had.department, had.team, had.team_by_person) == ("Finance", "Everywhere", True)
    left_out = requested(1, 2)
    assert (left_out.ticket.department, left_out.ticket.team, left_out.ticket.team_by_person) == (
        "Finance", None, False,
    )  # fmt: skip
    assert "team 2 can't be had" in left_out.routing.reason


def test_a_request_made_before_a_manual_routing_changes_no_team() -> None:
    ticket = manual(predicted().ticket, "HR", TeamChoice(2))
    request = RoutingRequest(1, "HR", "person:1", NOW - timedelta(seconds=1), TeamChoice(1))
    decision = apply_request(ticket, request, DIRECTORY, NOW)
    assert decision is not None
    assert (decision.ticket.team, decision.routing.applied) == ("Payroll", False)
