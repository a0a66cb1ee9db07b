"""Who may be in a team, without a database."""

from datetime import UTC, datetime

import pytest
from auth_service.domain.company import first_name
from auth_service.domain.team import (
    MAX_MEMBERS,
    MAX_TEAMS,
    Member,
    MemberExists,
    MemberNotFound,
    Team,
    TooManyMembers,
    TooManyTeams,
    check_number,
    with_member,
    without_member,
)

NOW = datetime.now(UTC)
ANN = Member("ann@example.com", "Ann", "lead")
BEN = Member("ben@example.com", "Ben", "agent")


def team(*members: Member) -> Team:
    return Team(1, 1, "Network", "", True, None, members, 1, NOW, NOW)


def test_members_stay_in_the_order_in_which_they_came() -> None:
    assert with_member(team(BEN), ANN).members == (BEN, ANN)


def test_nobody_is_in_a_team_twice_under_another_name() -> None:
    with pytest.raises(MemberExists):
        with_member(team(ANN), Member(ANN.email, "Anna", "agent"))


def test_a_member_leaves_by_its_address_in_whatever_case() -> None:
    assert without_member(team(ANN, BEN), "ANN@Example.com").members == (BEN,)


def test_who_is_not_there_cannot_leave() -> None:
    with pytest.raises(MemberNotFound):
        without_member(team(ANN), BEN.email)


def test_a_full_team_takes_nobody_more() -> None:
    full = team(*(Member(f"m{n}@example.com", "M", "agent") for n in range(MAX_MEMBERS)))
    with pytest.raises(TooManyMembers):
        with_member(full, ANN)


def test_there_is_an_end_to_teams() -> None:
    check_number(MAX_TEAMS - 1)
    with pytest.raises(TooManyTeams):
        check_number(MAX_TEAMS)


def test_only_the_first_company_is_the_demo() -> None:
    assert (first_name(1), first_name(2)) == ("Demo company", "Company 2")
