"""Members of a team, without a database."""

from datetime import UTC, datetime

import pytest
from auth_service.domain.company import default_name
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
    with_changed_member,
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


def test_an_address_is_a_member_only_once_whatever_the_name() -> None:
    with pytest.raises(MemberExists):
        with_member(team(ANN), Member(ANN.email, "Anna", "agent"))


def test_a_member_is_removed_by_its_address_ignoring_case() -> None:
    assert without_member(team(ANN, BEN), "ANN@Example.com").members == (BEN,)


def test_removing_a_missing_member_is_an_error() -> None:
    with pytest.raises(MemberNotFound):
        without_member(team(ANN), BEN.email)


def test_a_members_other_fields_change_and_nobody_elses() -> None:
    changed = with_changed_member(team(BEN, ANN), "BEN@example.com", {"skills": ("VPN",)})
    assert changed.members == (Member(BEN.email, "Ben", "agent", ("VPN",)), ANN)
    with pytest.raises(MemberNotFound):
        with_changed_member(team(ANN), BEN.email, {"role": "lead"})


def test_a_full_team_accepts_no_member() -> None:
    full = team(*(Member(f"m{n}@example.com", "M", "agent") for n in range(MAX_MEMBERS)))
    with pytest.raises(TooManyMembers):
        with_member(full, ANN)


def test_the_number_of_teams_is_limited() -> None:
    check_number(MAX_TEAMS - 1)
    with pytest.raises(TooManyTeams):
        check_number(MAX_TEAMS)


def test_only_the_first_company_is_the_demo() -> None:
    assert (default_name(1), default_name(2)) == ("Demo company", "Company 2")
