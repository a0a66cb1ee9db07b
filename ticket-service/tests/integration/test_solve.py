"""People solve tickets: their steps are the solution, and machines leave it alone."""

from collections.abc import Callable
from typing import Any

import pytest
from service_kit.identity import AGENT, REQUESTER
from service_kit.testing.postgres import ServiceDatabase

from ..conftest import Api
from .test_consume import Inside
from .test_solutions import propose, rest_on

Rows = Callable[..., list[tuple[Any, ...]]]
STEPS = [{"order": 1, "text": "Restart it."}, {"order": 2, "text": "Sign in."}]


@pytest.fixture
def agent(api: Api) -> Api:
    return Api(api.client, role=AGENT, subject="user:2")


@pytest.fixture
def inside(made: ServiceDatabase) -> Inside:
    return Inside(made)


def solve(who: Api, ticket: dict[str, Any], *steps: Any, **headers: str) -> Any:
    return who.call("POST", f"/api/tickets/{ticket['id']}/solve", {"steps": list(steps)}, **headers)


def test_the_steps_of_a_person_are_the_solution_and_resolve_the_ticket(agent: Api, rows: Rows) -> None:
    ticket = agent.create()
    response = solve(agent, ticket, "Restart it.", " Sign in.\n")
    assert response.status_code == 200, response.text
    now = agent.get(f"/api/tickets/{ticket['id']}")
    assert response.json == now
    assert response.headers["ETag"] == f'"{now["version"]}"'
    assert (now["status"], now["solution_steps"], now["solution_mode"]) == ("resolved", STEPS, "person")
    assert now["solution_confidence"] is None
    entries = [(entry["event_type"], entry["actor"]) for entry in agent.trail(ticket["id"])]
    assert entries == [(kind, "person:user:2") for kind in ("created", "status_change", "solved")]
    assert agent.trail(ticket["id"])[-1]["payload"] == {"after": {"mode": "person", "steps": 2}}
    assert rows("select type from outbox order by seq") == [("ticket.created",), ("ticket.status.updated",)]


@pytest.mark.parametrize(
    ("comment", "internal"),
    [("It works\r\nagain.", False), ({"text": "It works\nagain."}, False), ({"text": "x", "internal": True}, True)],
)
def test_a_comment_is_added_with_the_solution(agent: Api, rows: Rows, comment: Any, internal: bool) -> None:
    ticket = agent.create()
    body = {"steps": ["Restart it."], "comment": comment}
    response = agent.call("POST", f"/api/tickets/{ticket['id']}/solve", body, Idempotency_Key="k")
    assert response.status_code == 200, response.text
    now = agent.get(f"/api/tickets/{ticket['id']}")
    assert response.json == now
    assert response.headers["ETag"] == f'"{now["version"]}"'
    (added,) = agent.get(f"/api/tickets/{ticket['id']}/comments")["items"]
    text = "x" if internal else "It works\nagain."
    assert (added["text"], added["internal"], added["author_kind"]) == (text, internal, "agent")
    assert [e["event_type"] for e in agent.trail(ticket["id"])][-3:] == ["status_change", "solved", "comment"]
    events = rows("select type, revision from outbox order by seq")
    assert events == [("ticket.created", 1), ("ticket.status.updated", 2), ("ticket.commented", 3)]
    again = agent.call("POST", f"/api/tickets/{ticket['id']}/solve", body, Idempotency_Key="k")
    assert again.json == response.json
    assert agent.get(f"/api/tickets/{ticket['id']}/comments")["count"] == 1


@pytest.mark.parametrize(
    ("comment", "field"),
    [
        (" ", "comment"),
        ({"text": "a\u0000"}, "comment.text"),
        ({"internal": True}, "comment.text"),
        ({"text": "a", "internal": "yes"}, "comment.internal"),
        ({"text": "a", "mentions": [1]}, "comment.mentions"),
    ],
)
def test_with_a_bad_comment_nothing_is_solved(agent: Api, comment: Any, field: str) -> None:
    ticket = agent.create()
    response = agent.call("POST", f"/api/tickets/{ticket['id']}/solve", {"steps": ["A."], "comment": comment})
    assert (response.status_code, [error["field"] for error in response.json["errors"]]) == (400, [field])
    assert agent.get(f"/api/tickets/{ticket['id']}") == ticket


def test_without_a_solution_there_is_no_comment_either(agent: Api) -> None:
    ticket = agent.create()
    agent.call("PUT", f"/api/tickets/{ticket['id']}/status", {"status": "closed"})
    body = {"steps": ["A."], "comment": "Solved."}
    assert agent.call("POST", f"/api/tickets/{ticket['id']}/solve", body).status_code == 409
    assert agent.get(f"/api/tickets/{ticket['id']}/comments")["items"] == []


@pytest.mark.parametrize(
    "steps",
    [
        ("Restart it.", "Sign in."),
        ({"text": "Restart it."}, "Sign in."),
        ({"text": "Sign in.", "order": 9}, {"text": "Restart it.", "order": 4}),
        ({"text": "Restart it.", "order": 1}, {"text": " Sign in. ", "order": 1}),
    ],
)
def test_steps_are_normalised(agent: Api, steps: tuple[Any, ...]) -> None:
    assert solve(agent, agent.create(), *steps).json["solution_steps"] == STEPS


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ([], "steps"),
        (["x"] * 51, "steps"),
        (["a", " "], "steps.1"),
        (["x" * 5001], "steps.0"),
        ([{"order": 1}], "steps.0.text"),
        ([{"text": "a", "chunk_ids": []}], "steps.0.chunk_ids"),
        ([7], "steps.0"),
        ("Restart it.", "steps"),
    ],
)
def test_steps_that_make_no_sense_are_refused(agent: Api, steps: Any, field: str) -> None:
    ticket = agent.create()
    response = agent.call("POST", f"/api/tickets/{ticket['id']}/solve", {"steps": steps})
    assert (response.status_code, [error["field"] for error in response.json["errors"]]) == (400, [field])
    assert agent.get(f"/api/tickets/{ticket['id']}") == ticket


def test_fifty_steps_are_accepted(agent: Api) -> None:
    steps = solve(agent, agent.create(), *map(str, range(50))).json["solution_steps"]
    assert [step["order"] for step in steps] == list(range(1, 51))


def test_a_resolved_ticket_may_be_solved_again_and_a_closed_one_not(agent: Api, rows: Rows) -> None:
    ticket = agent.create()
    solve(agent, ticket, "First.")
    assert solve(agent, ticket, "Second.").json["solution_steps"] == [{"order": 1, "text": "Second."}]
    assert rows("select count(*) from outbox where type = 'ticket.status.updated'") == [(1,)]
    agent.call("PUT", f"/api/tickets/{ticket['id']}/status", {"status": "closed"})
    refused = solve(agent, ticket, "Third.")
    assert (refused.status_code, refused.json["code"]) == (409, "illegal_move")
    assert agent.get(f"/api/tickets/{ticket['id']}")["solution_steps"] == [{"order": 1, "text": "Second."}]


def test_a_solution_for_a_version_that_somebody_has_changed_is_refused(agent: Api) -> None:
    ticket = agent.create()
    agent.call("PATCH", f"/api/tickets/{ticket['id']}", {"title": "Other"})
    assert solve(agent, ticket, "A.", If_Match='"1"').status_code == 412
    assert solve(agent, ticket, "A.", If_Match='"2"').status_code == 200
    assert solve(agent, ticket, "B.", If_Match='"2"').status_code == 412


def test_a_requester_solves_nothing(api: Api) -> None:
    requester = Api(api.client, role=REQUESTER, subject="user:7")
    assert solve(requester, requester.create(), "A.").status_code == 403


def test_later_proposals_are_recorded_and_not_shown(agent: Api, inside: Inside) -> None:
    ticket = agent.create()
    propose(inside, ticket, 1)
    solve(agent, ticket, "Restart it.", "Sign in.")
    propose(inside, ticket, 2)
    now = agent.get(f"/api/tickets/{ticket['id']}")
    assert (now["solution_steps"], now["solution_mode"]) == (STEPS, "person")
    assert agent.trail(ticket["id"])[-1]["payload"]["shown"] is False


def test_the_deletion_of_a_file_leaves_a_persons_steps_alone(agent: Api, inside: Inside) -> None:
    file, ticket, other = agent.stored(b"words"), agent.create(), agent.create()
    for each in (ticket, other):
        propose(inside, each, 1, sources=rest_on(file))
    solve(agent, ticket, "Restart it.", "Sign in.")
    assert agent.call("DELETE", f"/api/files/{file['id']}").status_code == 204
    assert agent.get(f"/api/tickets/{ticket['id']}")["solution_steps"] == STEPS
    assert agent.get(f"/api/tickets/{other['id']}")["solution_steps"] == []


def test_the_audit_counts_the_steps_and_shows_no_text(agent: Api, api: Api) -> None:
    ticket = agent.create()
    solve(agent, ticket, "Secret step.")
    records = api.get(f"/api/audit?ticket_id={ticket['id']}&action=ticket.solved")["items"]
    assert [record["changes"] for record in records] == [[{"field": "solution_steps", "old": 0, "new": 1}]]
    assert "Secret" not in api.call("GET", f"/api/audit?ticket_id={ticket['id']}").text
