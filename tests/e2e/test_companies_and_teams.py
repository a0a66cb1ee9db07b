"""Companies and teams through the gateway."""

import secrets

import requests

from tests.stack import Stack, eventually


def test_the_operators_company_is_there_and_its_switches_can_be_turned(stack: Stack) -> None:
    [company] = eventually(lambda: stack.get("/api/companies")["items"])
    # Not its name or switches: tests that share the system may have changed them.
    assert company["company_id"] == 1
    switched = not company["auto_assign"]
    address = f"{stack.url}/api/companies/1"
    changed = requests.patch(address, json={"auto_assign": switched}, timeout=60)
    assert changed.status_code == 200, changed.text
    assert changed.json()["auto_assign"] is switched
    assert stack.get("/api/companies/1")["revision"] == company["revision"] + 1
    assert requests.patch(address, json={"auto_assign": True}, timeout=60).json()["auto_assign"] is True


def test_another_company_is_not_there(stack: Stack) -> None:
    for answer in (
        requests.get(f"{stack.url}/api/companies/2", timeout=60),
        requests.patch(f"{stack.url}/api/companies/2", json={"name": "Mine"}, timeout=60),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "company_not_found")


def test_a_team_with_its_members_comes_and_goes(stack: Stack) -> None:
    name = f"Network {secrets.token_hex(4)}"
    teams = f"{stack.url}/api/teams"
    made = requests.post(teams, json={"name": name, "description": "Cables and access points"}, timeout=60)
    assert made.status_code == 201, made.text
    team = f"{teams}/{made.json()['id']}"
    assert requests.post(teams, json={"name": name.upper()}, timeout=60).json()["code"] == "team_exists"
    member = {"email": "Ann@example.test", "name": "Ann Example", "role": "lead"}
    joined = requests.post(f"{team}/members", json=member, timeout=60)
    assert (joined.status_code, joined.json()["email"]) == (201, "ann@example.test")
    assert [each["email"] for each in requests.get(team, timeout=60).json()["members"]] == ["ann@example.test"]
    assert requests.delete(f"{team}/members/ann@example.test", timeout=60).status_code == 204
    assert requests.get(f"{team}/members", timeout=60).json() == {"count": 0, "items": [], "next": None}
    assert requests.delete(team, timeout=60).status_code == 204
    assert requests.get(team, timeout=60).status_code == 404


def test_what_is_wrong_is_named(stack: Stack) -> None:
    answer = requests.patch(f"{stack.url}/api/companies/1", json={"auto_assign": "no", "nmae": "x"}, timeout=60)
    assert answer.status_code == 400
    assert {error["field"] for error in answer.json()["errors"]} == {"auto_assign", "nmae"}
