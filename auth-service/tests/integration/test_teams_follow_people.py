"""Teams follow their members: a new name, a new address, a deletion."""

from typing import Any

import pytest

from ..conftest import Api, People, Published
from ..credentials import user_id
from .test_email_changes_by_http import ask, confirm, token_for


@pytest.fixture
def ben(ada: Api, people: People) -> Api:
    """Ben, an agent."""
    body = {"email": "Ben@acme.example", "username": "Ben", "role": "agent", "password": People.PASSWORD}
    assert ada.call("POST", "/api/users", body).status_code == 201
    return people.as_caller(people.log_in("ben@acme.example").json["access_token"])


def team_with(admin: Api, name: str, *members: tuple[str, str]) -> Any:
    """Add a team with members; return its address."""
    path = f"/api/teams/{admin.add_team(name)['id']}"
    for email, called in members:
        body = {"email": email, "name": called, "role": "lead"}
        assert admin.call("POST", f"{path}/members", body).status_code == 201
    return path


def members(admin: Api, path: str) -> list[tuple[str, str]]:
    """Return the members of a team."""
    return [(member["email"], member["name"]) for member in admin.get(path)["members"]]


CARA = ("cara@acme.example", "Cara")
BEN = ("ben@acme.example", "Ben")


def test_a_deleted_user_leaves_all_teams(ada: Api, ben: Api, published: Published) -> None:
    both, without = team_with(ada, "Both", BEN, CARA), team_with(ada, "Without", CARA)
    before = len(published("team.updated"))
    assert ada.call("DELETE", f"/api/users/{ben.subject.removeprefix('user:')}").status_code == 204
    assert (members(ada, both), members(ada, without)) == ([CARA], [CARA])
    [event] = published("team.updated")[before:]
    assert (event["name"], [each["email"] for each in event["members"]]) == ("Both", ["cara@acme.example"])


def test_a_new_address_is_the_members_too(ada: Api, ben: Api, people: People, published: Published) -> None:
    first, second = team_with(ada, "First", CARA, BEN), team_with(ada, "Second", BEN)
    before = len(published("team.updated"))
    ask(ben, "Ben@New.example")
    assert confirm(people, token_for(ada, ben)).status_code == 204
    assert members(ada, first) == [CARA, ("ben@new.example", "Ben")]
    assert members(ada, second) == [("ben@new.example", "Ben")]
    events = published("team.updated")[before:]
    assert [[each.get("user_id") for each in event["members"]] for event in events] == [
        [None, user_id(ben)],
        [user_id(ben)],
    ]


def test_a_new_name_is_the_members_unless_the_team_calls_it_otherwise(ada: Api, ben: Api) -> None:
    same, other = team_with(ada, "Same", BEN), team_with(ada, "Other", (BEN[0], "Benny of the night shift"))
    assert ben.call("PATCH", "/api/me", {"username": "Benjamin"}).status_code == 200
    assert members(ada, same) == [(BEN[0], "Benjamin")]
    assert members(ada, other) == [(BEN[0], "Benny of the night shift")]


def test_nobody_is_a_member_twice(ada: Api, ben: Api, people: People) -> None:
    team = team_with(ada, "Team", BEN, ("ben@new.example", "Ben"))
    ask(ben, "ben@new.example")
    assert confirm(people, token_for(ada, ben)).status_code == 204
    assert members(ada, team) == [("ben@new.example", "Ben")]


def test_other_changes_touch_no_team(ada: Api, ben: Api, published: Published) -> None:
    team_with(ada, "Team", BEN)
    before = len(published("team.updated"))
    ada.call("PATCH", f"/api/users/{ben.subject.removeprefix('user:')}", {"role": "manager"})
    ada.call("PATCH", f"/api/users/{ben.subject.removeprefix('user:')}", {"is_active": False})
    assert len(published("team.updated")) == before


def test_the_teams_of_other_companies_stay(ada: Api, ben: Api, people: People) -> None:
    people.found("eve@other.example", company="Other")
    eve = people.as_caller(people.log_in("eve@other.example").json["access_token"])
    team = team_with(eve, "Theirs", BEN)
    ada.call("DELETE", f"/api/users/{ben.subject.removeprefix('user:')}")
    assert members(eve, team) == [BEN]
