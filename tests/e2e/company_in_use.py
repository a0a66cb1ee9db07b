"""A company that uses every service, as its admin does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests

from tests.stack import Stack, eventually

PASSWORD = "seven small blue boats"
QUESTION = "How do I bail out a boat?"
FORGED = "198.51.100.66"
"""An address that a client claims and no record may show."""


@dataclass
class Company:
    """A company as its admin uses it."""

    stack: Stack
    id: int
    name: str
    token: str

    def call(self, method: str, path: str, *expected: int, **content: Any) -> Any:
        """Send a request; return the JSON of its answer."""
        answer = self.send(method, path, **content)
        assert answer.status_code in (expected or (200, 201, 202, 204)), f"{method} {path}: {answer.text}"
        return answer.json() if "json" in answer.headers.get("Content-Type", "") else None

    def send(self, method: str, path: str, headers: Mapping[str, str] = {}, **content: Any) -> requests.Response:
        """Send a request; return its answer, whatever it is."""
        sent = {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": FORGED, **headers}
        return requests.request(method, self.stack.url + path, headers=sent, timeout=60, **content)

    def create(self, title: str, description: str, headers: Mapping[str, str] = {}) -> Any:
        """Hand in a ticket and return it."""
        body = {"title": title, "description": description, "user_name": "Jo", "user_email": "jo@boats.example"}
        return self.call("POST", "/api/tickets", 201, json=body, headers=headers)


def found(stack: Stack, name: str) -> Company:
    """Found a company and log in."""
    email = f"admin@{name.lower()}.example"
    body = {"email": email, "username": "Admin", "password": PASSWORD, "company": name}
    assert requests.post(f"{stack.url}/api/auth/register", json=body, timeout=60).status_code == 201
    answer = requests.post(f"{stack.url}/api/auth/login", json={"email": email, "password": PASSWORD}, timeout=60)
    tokens = answer.json()
    company = Company(stack, 0, name, tokens["access_token"])
    company.id = company.call("GET", "/api/companies")["items"][0]["company_id"]
    return company


def fill(company: Company) -> None:
    """Use every service as the company's admin does, and wait until all of it has been handled."""
    call = company.call
    call("PATCH", f"/api/companies/{company.id}", json={"description": "We sell boats."})
    user = {"email": f"bob@{company.name.lower()}.example", "username": "Bob", "role": "agent", "password": PASSWORD}
    call("POST", "/api/users", json=user)
    call("POST", "/api/invitations", json={"email": f"cyd@{company.name.lower()}.example", "role": "agent"})
    call("POST", "/api/api-keys", json={"name": "Key", "scopes": ["tickets:read"]})
    call("POST", "/api/auth/totp/enable", json={"password": PASSWORD})
    call("POST", "/api/teams", json={"name": "Network", "description": "Cables and routers"})
    call("POST", "/api/departments", json={"name": "Boats", "description": "Oars and sails"})
    call("POST", "/api/priority-rules", json={"name": "Sinking", "words": ["sinking"], "priority": "urgent"})
    hours = {"name": "Office", "time_zone": "Europe/Berlin", "weekly": {"mon": [["08:00", "17:00"]]}}
    call("POST", "/api/calendars", json=hours)
    call("PUT", "/api/ai/settings", json={"order": "local_first", "local_threshold": 0.9})
    call("PUT", "/api/evaluation/shadow", json={"enabled": True})
    text = b"# Boats\n\nTo bail out a boat, pull the green Zeppelin lever twice.\n"
    file = call("POST", "/api/files", files={"file": ("boats.md", text, "text/markdown")})["item"]["id"]
    tickets = []
    for number in range(3):
        headers = {"Idempotency-Key": f"ticket-{company.id}-{number}"}
        tickets.append(company.create(f"Printer {number} is on fire", QUESTION, headers)["id"])
    for ticket in tickets:
        eventually(lambda ticket=ticket: call("GET", f"/api/tickets/{ticket}")["department"])
    call("PUT", f"/api/route/{tickets[0]}", json={"department": "HR"})
    call("PUT", f"/api/tickets/{tickets[1]}/status", json={"status": "in_progress"})
    call("DELETE", f"/api/tickets/{tickets[2]}")
    discuss(company, tickets[0])
    eventually(lambda: document_state(company, file), lambda state: state == "ready")
    call("POST", "/rag/chat", json={"message": QUESTION})
    call("POST", "/rag/answers", json={"question": "Who rows?", "steps": ["The crew rows."]})
    call("POST", "/rag/questions", json={"items": [{"question": QUESTION, "expected": ["boats.md"]}]})
    call("POST", "/api/analytics/rebuild", json={})
    call("POST", "/api/training", 202, 409, json={})


def discuss(company: Company, ticket: int) -> None:
    """Work on a ticket as its company's admin does, and set up what such work needs."""
    call, path = company.call, f"/api/tickets/{ticket}"
    file = call("POST", f"{path}/attachments", files={"file": ("log.txt", b"The oars broke.\n")})["item"]["id"]
    comment = call("POST", f"{path}/comments", json={"text": "Which oars?", "file_ids": [file]})["id"]
    call("POST", f"{path}/comments", json={"text": "Old ones.", "internal": True, "parent_id": comment})
    call("PATCH", f"/api/comments/{comment}", json={"text": "Which pair of oars?"})
    call("PUT", f"/api/comments/{comment}/rating", json={"thumb": "up"})
    call("PUT", f"{path}/draft", json={"text": "We are on it."})
    call("PUT", f"{path}/read", json={"read": True})
    call("PUT", f"{path}/presence", json={"typing": True})
    call("POST", "/api/views", json={"name": "Oars", "filter": {"q": "oar"}})
    call("POST", "/api/macros", json={"name": "Begin", "actions": {"status": "in_progress"}})
    template = {"notification_type": "storm", "subject": "Storm", "body": "A storm comes on {{ day }}."}
    call("POST", "/api/notification-templates", json=template)
    call("PUT", "/api/notifications/preferences", json={"channels": {"comment": {"in_app": True, "email": False}}})


def document_state(company: Company, file: str) -> str:
    answer = company.send("GET", f"/api/documents/{file}")
    return str(answer.json()["state"]) if answer.ok else "not there yet"
