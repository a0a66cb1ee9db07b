"""Teams and their members over HTTP, on a real database."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from service_kit.identity import AGENT, MANAGER, REQUESTER

from ..conftest import Api, Published, Rows

ANN = {"email": "ann@example.com", "name": "Ann", "role": "lead", "skills": []}


def test_a_team_is_added_shown_changed_and_deleted_and_each_is_published(api: Api, published: Published) -> None:
    added = api.add_team("Network", description="VPN", department="IT Support")
    path = f"/api/teams/{added['id']}"
    assert set(added) == {
        "id", "name", "description", "is_active", "department", "members", "revision", "created_at", "updated_at",
    }  # fmt: skip
    assert (added["is_active"], added["members"], added["revision"]) == (True, [], 1)
    assert api.get(path) == added
    assert api.get("/api/teams") == {"count": 1, "items": [added], "next": None}
    changed = api.call("PATCH", path, {"is_active": False, "department": None})
    assert (changed.status_code, changed.json["is_active"], changed.json["department"]) == (200, False, None)
    assert changed.json["description"] == "VPN"
    assert api.call("PUT", path, {"is_active": False}).json == changed.json
    assert api.call("PUT", path, {"name": "NETWORK"}).json["revision"] == 3
    assert api.call("DELETE", path).status_code == 204
    assert api.call("GET", path).status_code == 404
    states = [(event["event"], event["revision"], event["subject"]) for event in published("team.%")]
    subject = f"team:1:{added['id']}"
    assert states == [
        ("team.created", 1, subject),
        ("team.updated", 2, subject),
        ("team.updated", 3, subject),
        ("team.deleted", 4, subject),
    ]
    assert len(published("company.created")) == 1


def test_members_come_and_go_and_each_is_a_new_revision_of_the_team(api: Api, published: Published) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    joined = api.call("POST", f"{path}/members", ANN | {"email": "Ann@Example.COM"})
    assert (joined.status_code, joined.json) == (201, ANN)
    assert api.get(f"{path}/members") == {"count": 1, "items": [ANN], "next": None}
    assert api.get(path)["members"] == [ANN]
    twice = api.call("POST", f"{path}/members", ANN | {"email": "ANN@example.com", "role": "agent"})
    assert (twice.status_code, twice.json["code"]) == (409, "member_exists")
    assert api.call("DELETE", f"{path}/members/ANN@example.com").status_code == 204
    gone = api.call("DELETE", f"{path}/members/ann@example.com")
    assert (gone.status_code, gone.json["code"]) == (404, "member_not_found")
    states = [(event["revision"], event["members"]) for event in published("team.%")]
    assert states == [(1, []), (2, [ANN]), (3, [])]


def test_a_members_skills_and_role_change_and_the_team_is_published(api: Api, published: Published) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    without = {name: value for name, value in ANN.items() if name != "skills"}
    assert api.call("POST", f"{path}/members", without).json == ANN
    joined = api.call("POST", f"{path}/members", ANN | {"email": "ben@example.com", "skills": ["Networks", "Français"]})
    assert joined.json["skills"] == ["Networks", "Français"]
    changed = api.call("PATCH", f"{path}/members/BEN@example.com", {"role": "agent", "skills": ["VPN"]})
    assert (changed.status_code, changed.json["role"], changed.json["skills"]) == (200, "agent", ["VPN"])
    assert changed.headers["ETag"] == api.call("GET", path).headers["ETag"]
    assert api.get(path)["members"] == [ANN, changed.json]
    again = api.call("PATCH", f"{path}/members/ben@example.com", {"skills": ["VPN"]})
    assert again.headers["ETag"] == changed.headers["ETag"], "an equal change is none"
    missing = api.call("PATCH", f"{path}/members/eve@example.com", {"skills": []})
    assert (missing.status_code, missing.json["code"]) == (404, "member_not_found")
    stale = api.call("PATCH", f"{path}/members/ben@example.com", {"skills": []}, If_Match='"1"')
    assert stale.status_code == 412
    assert [each["skills"] for each in published("team.%")[-1]["members"]] == [[], ["VPN"]]


def test_members_who_joined_before_there_were_skills_have_none(api: Api, rows: Rows) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    rows(
        'with changed as (update teams set members = \'[{"email": "ann@example.com", "name": "Ann",'
        ' "role": "lead"}]\' returning 1) select count(*) from changed'
    )
    assert api.get(path)["members"] == [ANN]
    assert api.call("PATCH", f"{path}/members/ann@example.com", {"skills": ["VPN"]}).json["skills"] == ["VPN"]


def test_a_team_name_is_unique_ignoring_case(api: Api) -> None:
    api.add_team("Network")
    other = api.add_team("Desk")
    for response in (
        api.call("POST", "/api/teams", {"name": "NETWORK"}),
        api.call("PATCH", f"/api/teams/{other['id']}", {"name": "network"}),
    ):
        assert (response.status_code, response.json["code"]) == (409, "team_exists")
    assert api.get("/api/teams")["items"][1] == other


def test_concurrent_equal_posts_add_one_team(app: Flask, api: Api, published: Published) -> None:
    def add(_: int) -> int:
        return Api(app.test_client()).call("POST", "/api/teams", {"name": "Network"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(16))) == [201] + [409] * 15
    assert len(published("team.%")) == 1


def test_members_who_join_concurrently_are_all_stored(app: Flask, api: Api, published: Published) -> None:
    team = api.add_team("Network")["id"]

    def join(n: int) -> int:
        member = ANN | {"email": f"m{n}@example.com"}
        return Api(app.test_client()).call("POST", f"/api/teams/{team}/members", member).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(join, range(16))) == {201}
    assert len(api.get(f"/api/teams/{team}/members")["items"]) == 16
    assert [event["revision"] for event in published("team.%")] == list(range(1, 18))


def test_the_numbers_of_teams_and_members_are_limited(api: Api, rows: Rows) -> None:
    team = api.add_team("Network")["id"]
    rows(
        "insert into teams (company_id, name) select 1, 'T' || n from generate_series(1, 198) n returning id",
    )
    rows(
        "update teams set members = (select jsonb_agg(jsonb_build_object('email', n || '@example.com', 'name', 'N',"
        " 'role', 'agent')) from generate_series(1, 199) n) where id = %s returning id",
        team,
    )
    api.add_team("The last")
    full = api.call("POST", "/api/teams", {"name": "One more"})
    assert (full.status_code, full.json["code"]) == (409, "too_many_teams")
    every = api.every("/api/teams?limit=70")
    assert [each["id"] for each in every] == sorted(each["id"] for each in every)
    assert len({each["name"] for each in every}) == 200
    assert api.get("/api/teams")["count"] == 25
    assert api.call("POST", f"/api/teams/{team}/members", ANN).status_code == 201
    crowded = api.call("POST", f"/api/teams/{team}/members", ANN | {"email": "ben@example.com"})
    assert (crowded.status_code, crowded.json["code"]) == (409, "too_many_members")
    addresses = [member["email"] for member in api.every(f"/api/teams/{team}/members?limit=33")]
    assert addresses == sorted({*(f"{n}@example.com" for n in range(1, 200)), ANN["email"]})


def test_a_member_who_goes_while_the_list_is_read_shifts_no_page(api: Api) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}/members"
    for name in ("zoë", "ömer", "ann", "li.wei", "ben"):
        assert api.call("POST", path, ANN | {"email": f"{name}@example.com"}).status_code == 201
    first = api.get(f"{path}?limit=2")
    assert [each["email"] for each in first["items"]] == ["ann@example.com", "ben@example.com"]
    assert api.call("DELETE", f"{path}/ben@example.com").status_code == 204
    second = api.get(f"{path}?limit=3&cursor={first['next']}")
    assert [each["email"] for each in second["items"]] == ["li.wei@example.com", "zoë@example.com", "ömer@example.com"]
    assert second["next"] is None


@pytest.mark.parametrize("path", ["/api/teams", "/api/companies", "/api/teams/{team}/members"])
@pytest.mark.parametrize(
    ("query", "field"), [("limit=0", "limit"), ("limit=101", "limit"), ("cursor=x", "cursor"), ("page=2", "page")]
)
def test_a_page_that_makes_no_sense_is_refused_by_name(api: Api, path: str, query: str, field: str) -> None:
    team = api.add_team("Network")["id"]
    response = api.call("GET", f"{path.format(team=team)}?{query}")
    assert response.status_code == 400
    assert [error["field"] for error in response.json["errors"]] == [field]


def test_the_list_of_companies_holds_the_callers_own_and_has_one_page(api: Api) -> None:
    page = api.get("/api/companies?limit=1")
    assert (page["count"], page["next"]) == (1, None)


def test_roles_decide_who_may_change_teams_and_members(app: Flask, api: Api) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}"
    for role in (REQUESTER, AGENT, MANAGER):
        other = Api(app.test_client(), role=role)
        if role == REQUESTER:
            assert {other.call("GET", where).status_code for where in ("/api/teams", path, f"{path}/members")} == {403}
        else:
            assert other.get("/api/teams")["items"]
            assert other.get(f"{path}/members") == {"count": 0, "items": [], "next": None}
        for method, where, body in (
            ("POST", "/api/teams", {"name": "Mine"}),
            ("PATCH", path, {"name": "Mine"}),
            ("PUT", path, {"name": "Mine"}),
            ("DELETE", path, None),
        ):
            assert other.call(method, where, body).status_code == 403
        expected = (201, 204) if role == MANAGER else (403, 403)
        joined = other.call("POST", f"{path}/members", ANN).status_code
        left = other.call("DELETE", f"{path}/members/{ANN['email']}").status_code
        assert (joined, left) == expected


def test_teams_of_another_company_are_not_found(app: Flask, api: Api, published: Published) -> None:
    team = api.add_team("Network")
    path = f"/api/teams/{team['id']}"
    api.call("POST", f"{path}/members", ANN)
    other = Api(app.test_client(), company=2)
    assert other.get("/api/teams") == {"count": 0, "items": [], "next": None}
    for method, where, body in (
        ("GET", path, None),
        ("PATCH", path, {"name": "Mine"}),
        ("PUT", path, {"name": "Mine"}),
        ("DELETE", path, None),
        ("GET", f"{path}/members", None),
        ("POST", f"{path}/members", ANN),
        ("DELETE", f"{path}/members/{ANN['email']}", None),
    ):
        response = other.call(method, where, body)
        assert (response.status_code, response.json["code"]) == (404, "team_not_found")
    assert other.add_team("Network")["id"] != team["id"]
    assert [event["company_id"] for event in published("team.%")] == [1, 1, 2]


@pytest.mark.parametrize("team", [0, 999, 2**63 - 1])
def test_a_team_that_never_existed_is_not_found(api: Api, team: int) -> None:
    response = api.call("GET", f"/api/teams/{team}")
    assert (response.status_code, response.json["code"]) == (404, "team_not_found")


@pytest.mark.parametrize("team", [2**63, 10**400, "-1", "x", "1%00"])
def test_an_invalid_team_id_is_not_found(api: Api, team: int | str) -> None:
    assert api.call("GET", f"/api/teams/{team}").status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a\n"}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": 5}, "name"),
        ({"name": "N", "description": "x" * 2001}, "description"),
        ({"name": "N", "is_active": "yes"}, "is_active"),
        ({"name": "N", "department": ""}, "department"),
        ({"name": "N", "department": "x" * 101}, "department"),
        ({"name": "N", "members": []}, "members"),
        ({"name": "N", "company_id": 2}, "company_id"),
    ],
)
def test_a_bad_team_is_refused_by_field(api: Api, body: Any, field: str) -> None:
    response = api.call("POST", "/api/teams", body)
    assert response.status_code == 400
    assert {error["field"] for error in response.json["errors"]} == {field}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        *(
            ({"email": wrong}, "email")
            for wrong in ("", "ann", "@example.com", "a b@example.com", "a/b@example.com", "a@b", "a@b.c\n", 5, None)
        ),
        ({"email": "a" * 250 + "@example.com"}, "email"),
        # A letter that becomes two in lower case.
        ({"email": "a@" + "\u0130" * 245 + ".com"}, "email"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"role": "admin"}, "role"),
        ({"role": None}, "role"),
        ({"colour": "red"}, "colour"),
        ({"skills": "VPN"}, "skills"),
        ({"skills": ["VPN", "vpn"]}, "skills"),
        ({"skills": [f"skill {number}" for number in range(51)]}, "skills"),
        ({"skills": None}, "skills"),
        ({"skills": ["x" * 51]}, "skills.0"),
        ({"skills": ["VPN", " "]}, "skills.1"),
        ({"skills": [7]}, "skills.0"),
    ],
)
def test_a_bad_member_is_refused_by_field(api: Api, change: Any, field: str) -> None:
    path = f"/api/teams/{api.add_team('Network')['id']}/members"
    response = api.call("POST", path, ANN | change)
    assert response.status_code == 400
    assert {error["field"] for error in response.json["errors"]} == {field}


def test_the_same_post_with_the_same_key_is_done_once(api: Api, published: Published) -> None:
    first, second = (api.call("POST", "/api/teams", {"name": "N"}, Idempotency_Key="k-1") for _ in range(2))
    assert (first.status_code, second.status_code, second.json) == (201, 201, first.json)
    path = f"/api/teams/{first.json['id']}/members"
    joined, again = (api.call("POST", path, ANN, Idempotency_Key="k-2") for _ in range(2))
    assert (joined.status_code, again.status_code, again.json) == (201, 201, joined.json)
    assert len(published("team.%")) == 2
