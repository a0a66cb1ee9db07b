"""Which team has a ticket: machines propose one that fits, people choose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from routing_service.domain.decision import Answer, Decision, Wish
from routing_service.domain.departments import Directory
from routing_service.domain.routing import route_by_hand, take_answer, take_wish
from routing_service.domain.teams import Team, TeamChoice, TeamElsewhere, TeamInactive, TeamNotFound, Teams
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
ANSWER = Answer(1, UUID, "HR", "Leave", "high", 70.0, False, "keywords", "ai-service", "2 words")


def answered(ticket: Ticket = TICKET, **changes: object) -> Decision:
    decision = take_answer(ticket, replace(ANSWER, **changes), DIRECTORY, NOW)  # type: ignore[arg-type]
    assert decision is not None
    return decision


def by_hand(ticket: Ticket, department: str, team: TeamChoice | None = None) -> Ticket:
    return route_by_hand(
        ticket, department=department, confidence_score=100, actor="person:1", directory=DIRECTORY, now=NOW,
        reroute=True, team=team,
    ).ticket  # fmt: skip


@pytest.mark.parametrize(
    ("team_id", "department", "team"),
    [
        (1, "HR", "Everywhere"),
        (2, "HR", "Payroll"),
        (2, "Finance", None),  # of another department
        (3, "HR", None),  # takes none
        (9, "HR", None),  # unheard of
        (None, "HR", None),
    ],
)
def test_a_proposed_team_has_the_ticket_if_it_takes_those_of_its_department(
    team_id: int | None, department: str, team: str | None
) -> None:
    decision = answered(team_id=team_id, department=department)
    assert (decision.ticket.team, decision.routing.team) == (team, team)
    assert not decision.ticket.team_by_person


def test_a_team_is_looked_at_for_the_department_that_the_ticket_really_goes_to() -> None:
    assert answered(team_id=2, department="Gone").ticket.team is None
    kept = answered(team_id=1, department="Gone").ticket
    assert (kept.department, kept.team, kept.need_admin) == ("General", "Everywhere", True)


def test_an_unsure_ticket_needs_nobody_to_route_it_once_a_team_has_it() -> None:
    unsure = {"department": "General", "need_admin": True}
    assert answered(**unsure).ticket.need_admin
    assert not answered(**unsure, team_id=1).ticket.need_admin


def test_another_team_is_news() -> None:
    first = answered().ticket
    again = answered(first, revision=2, team_id=1)
    assert (again.announced, again.ticket.team_id) == (True, 1)
    assert not answered(again.ticket, revision=3, team_id=1).announced


def test_a_persons_team_outlasts_machines() -> None:
    chosen = by_hand(answered(team_id=1).ticket, "HR", TeamChoice(2))
    late = answered(chosen, revision=2, team_id=1)
    assert (late.ticket.team, late.ticket.team_by_person, late.announced) == ("Payroll", True, False)
    assert (late.routing.team, late.routing.applied) == ("Everywhere", False)


def test_a_person_may_choose_that_no_team_has_it() -> None:
    ticket = by_hand(answered(team_id=1).ticket, "HR", TeamChoice(None))
    assert (ticket.team, ticket.team_by_person) == (None, True)


def test_who_says_nothing_of_the_team_leaves_the_one_that_fits() -> None:
    machines = answered(team_id=1).ticket
    assert (by_hand(machines, "Finance").team, by_hand(machines, "Finance").team_by_person) == ("Everywhere", False)
    chosen = by_hand(machines, "HR", TeamChoice(2))
    assert (by_hand(chosen, "HR").team, by_hand(chosen, "HR").team_by_person) == ("Payroll", True)
    assert (by_hand(chosen, "Finance").team, by_hand(chosen, "Finance").team_by_person) == (None, False)


@pytest.mark.parametrize(
    ("team_id", "department", "refusal"),
    [(9, "HR", TeamNotFound), (3, "HR", TeamInactive), (2, "Finance", TeamElsewhere)],
)
def test_a_person_hears_why_a_team_can_not_be_had(team_id: int, department: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        by_hand(Ticket(1, 42), department, TeamChoice(team_id))


def test_a_wish_carries_its_team_and_one_that_can_not_be_had_is_left_out_and_told() -> None:
    def wished(revision: int, team_id: int | None, made_at: datetime = NOW) -> Decision:
        wish = Wish(revision, "Finance", "person:1", made_at, TeamChoice(team_id))
        decision = take_wish(answered().ticket, wish, DIRECTORY, NOW)
        assert decision is not None
        return decision

    had = wished(1, 1).ticket
    assert (had.department, had.team, had.team_by_person) == ("Finance", "Everywhere", True)
    left_out = wished(1, 2)
    assert (left_out.ticket.department, left_out.ticket.team, left_out.ticket.team_by_person) == (
        "Finance", None, False,
    )  # fmt: skip
    assert "team 2 can't be had" in left_out.routing.reason


def test_a_wish_made_before_a_routing_by_hand_changes_no_team() -> None:
    ticket = by_hand(answered().ticket, "HR", TeamChoice(2))
    wish = Wish(1, "HR", "person:1", NOW - timedelta(seconds=1), TeamChoice(1))
    decision = take_wish(ticket, wish, DIRECTORY, NOW)
    assert decision is not None
    assert (decision.ticket.team, decision.routing.applied) == ("Payroll", False)
