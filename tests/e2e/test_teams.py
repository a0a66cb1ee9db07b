"""The team that a ticket resembles gets it, people change that, and the next ticket goes where they said."""

import secrets
from typing import Any

import pytest
import requests

from tests.stack import Stack, eventually

TEAMS = {"Network": "vpn, wifi", "Printing": "printers, toner", "Night shift": "Whoever is awake"}


@pytest.fixture(scope="module")
def stack(polling: Stack) -> Stack:
    """The system with a local model."""
    return polling


@pytest.fixture(scope="module")
def teams(stack: Stack) -> dict[str, int]:
    """Three teams, once the services have heard of them."""
    made = {
        name: requests.post(f"{stack.url}/api/teams", json={"name": name, "description": text}, timeout=60)
        for name, text in TEAMS.items()
    }
    assert {each.status_code for each in made.values()} == {201}
    for name, text in (("Network", "wifi down"), ("Printing", "printer broken")):
        eventually(lambda said=text: handed_in(stack, said), lambda ticket, wanted=name: ticket["team"] == wanted)
    return {name: each.json()["id"] for name, each in made.items()}


def handed_in(stack: Stack, title: str, **fields: Any) -> Any:
    """Hand in a ticket and return it once it is routed."""
    created = stack.create(title=title, **{"description": f"In room {secrets.token_hex(2)}.", **fields})
    assert created.status_code == 201, created.text
    number = created.json()["id"]
    return eventually(lambda: stack.get(f"/api/tickets/{number}"), lambda shown: shown["department"] is not None)


def changed(stack: Stack, method: str, path: str, body: dict[str, Any]) -> requests.Response:
    return requests.request(method, f"{stack.url}{path}", json=body, timeout=60)


def test_a_ticket_like_a_teams_description_is_that_teams(stack: Stack, teams: dict[str, int]) -> None:
    ticket = handed_in(stack, "wifi down", description="wifi down")
    assert (ticket["team"], ticket["team_id"], ticket["need_admin"]) == ("Network", teams["Network"], False)
    routed = [e for e in stack.get(f"/api/tickets/{ticket['id']}/events")["items"] if e["event_type"] == "routed"]
    assert routed[-1]["payload"]["after"]["team_id"] == teams["Network"]


def test_gibberish_is_no_teams_and_waits_for_a_person(stack: Stack, teams: dict[str, int]) -> None:
    ticket = handed_in(stack, "zzz blargh", description="qwrtz")
    assert (ticket["team"], ticket["need_admin"]) == (None, True)


def test_people_change_the_team_in_both_ways(stack: Stack, teams: dict[str, int]) -> None:
    number = handed_in(stack, "wifi down")["id"]
    shown = f"/api/tickets/{number}"

    rerouted = changed(stack, "PUT", f"/api/route/{number}", {"department": "HR", "team_id": teams["Night shift"]})
    assert (rerouted.status_code, rerouted.json()["team"]) == (200, "Night shift")
    eventually(lambda: stack.get(shown), lambda t: (t["department"], t["team"]) == ("HR", "Night shift"))

    assert changed(stack, "PATCH", shown, {"team": "Network"}).status_code == 200
    eventually(lambda: stack.get(shown), lambda t: (t["department"], t["team"]) == ("HR", "Network"))

    assert changed(stack, "PATCH", shown, {"team": None}).status_code == 200
    eventually(lambda: stack.get(shown), lambda t: (t["department"], t["team_id"]) == ("HR", None))

    refused = changed(stack, "PATCH", shown, {"team": "Ministry"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "team")
    assert changed(stack, "PUT", f"/api/route/{number}", {"department": "HR", "team_id": 999}).status_code == 404


def test_the_next_ticket_goes_to_the_team_that_people_chose(stack: Stack, teams: dict[str, int]) -> None:
    for text in ("The printer is broken again", "printer broken on the third floor", "The big printer is broken"):
        number = handed_in(stack, text)["id"]
        changed(stack, "PUT", f"/api/route/{number}", {"department": "IT Support", "team_id": teams["Night shift"]})
    eventually(lambda: handed_in(stack, "printer broken"), lambda ticket: ticket["team"] == "Night shift")
