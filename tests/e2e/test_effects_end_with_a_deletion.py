"""From the moment a deletion is answered, no other service acts on what is gone."""

from typing import Any

import requests

from tests.stack import Stack, eventually


def call(stack: Stack, method: str, path: str, body: Any = None) -> requests.Response:
    return requests.request(method, stack.url + path, json=body, timeout=60)


def routed(stack: Stack) -> int:
    ticket = int(stack.create().json()["id"])
    eventually(lambda: stack.get(f"/api/tickets/{ticket}")["department"], bool)
    return ticket


def test_a_deleted_ticket_is_neither_routed_nor_explained(stack: Stack) -> None:
    for _ in range(5):
        ticket = routed(stack)
        eventually(lambda number=ticket: call(stack, "GET", f"/api/tickets/{number}/explanation").ok, bool)
        assert call(stack, "DELETE", f"/api/tickets/{ticket}").status_code == 204
        for method, path, body in (
            ("PUT", f"/api/route/{ticket}", {"department": "HR"}),
            ("POST", "/api/route", {"ticket_id": ticket, "department": "HR", "confidence_score": 5}),
            ("GET", f"/api/routing/history/{ticket}", None),
            ("GET", f"/api/tickets/{ticket}/explanation", None),
            ("PATCH", f"/api/tickets/{ticket}", {"department": "HR"}),
        ):
            assert call(stack, method, path, body).status_code == 404, (method, path)


def test_a_deleted_department_takes_no_ticket_and_a_new_one_does_at_once(stack: Stack) -> None:
    ticket = routed(stack)
    for number in range(5):
        name = f"Legal {number}"
        assert call(stack, "POST", "/api/departments", {"name": name}).status_code == 201
        assert call(stack, "PATCH", f"/api/tickets/{ticket}", {"department": name}).status_code == 200
        assert call(stack, "PUT", f"/api/route/{ticket}", {"department": "HR"}).status_code == 200
        eventually(
            lambda gone=name: call(stack, "DELETE", f"/api/departments/{gone}").status_code,
            lambda code: code == 204,
            30,
        )
        refused = call(stack, "PATCH", f"/api/tickets/{ticket}", {"department": name})
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_department")
        assert call(stack, "PUT", f"/api/route/{ticket}", {"department": name}).status_code == 404
    eventually(lambda: stack.get(f"/api/tickets/{ticket}")["department"], lambda shown: shown == "HR", 30)


def test_a_deleted_team_gets_no_ticket(stack: Stack) -> None:
    ticket = routed(stack)
    for number in range(5):
        name = f"Night shift {number}"
        team = call(stack, "POST", "/api/teams", {"name": name}).json()["id"]
        route = {"department": "HR", "team_id": team}
        assert call(stack, "PUT", f"/api/route/{ticket}", route).status_code == 200
        edit = {"department": "HR", "team": name}
        eventually(
            lambda edit=edit: call(stack, "PATCH", f"/api/tickets/{ticket}", edit).status_code,
            lambda code: code == 200,
            30,
        )
        assert call(stack, "DELETE", f"/api/teams/{team}").status_code == 204
        assert call(stack, "PUT", f"/api/route/{ticket}", route).status_code == 404
        assert call(stack, "PATCH", f"/api/tickets/{ticket}", edit).status_code == 400


def test_a_deleted_file_is_no_longer_shown_nor_quoted(stack: Stack) -> None:
    for number in range(3):
        text = f"# Safe {number}\n\nTo open the safe number {number}, say Xylophone-{number} to the guard.\n"
        files = {"file": (f"safe-{number}.md", text.encode(), "text/markdown")}
        stored = requests.post(stack.url + "/api/files", files=files, timeout=60).json()["item"]["id"]
        eventually(lambda file=stored: call(stack, "GET", f"/api/documents/{file}"), requests.Response.__bool__)
        eventually(lambda file=stored: stack.get(f"/api/documents/{file}")["state"], lambda state: state == "ready")
        question = {"query": f"How do I open the safe number {number}?", "company_id": 1, "top_k": 50}
        assert f"Xylophone-{number}" in call(stack, "POST", "/rag/retrieve", question).text
        assert call(stack, "DELETE", f"/api/files/{stored}").status_code == 204
        assert f"Xylophone-{number}" not in call(stack, "POST", "/rag/retrieve", question).text
        assert call(stack, "GET", f"/api/documents/{stored}").status_code == 404
        assert stored not in call(stack, "GET", "/api/documents").text
