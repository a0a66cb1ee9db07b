"""A help desk in memory that answers the command line as the gateway does."""

import threading
from collections.abc import Callable
from typing import Any

import click
import requests
from launcher.client import Gateway

SEEDED = ("IT Support", "HR", "Facilities", "Finance", "General")
MAX_DEPARTMENTS = 100


def answer(status: int, body: Any, headers: dict[str, str] | None = None) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.url = "http://desk.example"
    response._content = requests.compat.json.dumps(body).encode()
    response.headers.update(headers or {})
    return response


def problem(status: int, code: str, detail: str, headers: dict[str, str] | None = None) -> requests.Response:
    return answer(status, {"code": code, "detail": detail}, headers)


class Desk(Gateway):
    """Stores tickets and departments; `before_ticket` is called with the number of tickets there are by then."""

    def __init__(self, born: str = "2026-01-01") -> None:
        super().__init__("http://desk.example")
        self.born = born
        self.tickets: dict[int, dict[str, Any]] = {}
        self.keys: dict[str, int] = {}
        self.departments = dict.fromkeys(SEEDED, True)
        self.before_ticket: Callable[[int], None] = lambda _: None
        self.refuse_departments: int = 0
        self.routed = 0
        self._lock = threading.Lock()

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        with self._lock:
            return self._answer(method, path.strip("/").split("/"), options)

    def send_with_retry(self, method: str, path: str, **options: Any) -> requests.Response:
        options.pop("busy", None)
        return self.send(method, path, **options)

    def _answer(self, method: str, path: list[str], options: dict[str, Any]) -> requests.Response:
        match method, path[1:]:
            case "GET", ["dashboard", "summary"]:
                return answer(200, self._summary())
            case "GET", ["departments"]:
                items = [{"name": name, "is_active": active} for name, active in self.departments.items()]
                return answer(200, {"count": len(items), "departments": items, "next": None})
            case "POST", ["departments"]:
                return self._department(options["json"]["name"])
            case "POST", ["tickets"]:
                self.before_ticket(len(self.tickets))
                return self._ticket(options["json"], options["headers"]["Idempotency-Key"])
            case "GET", ["tickets", number]:
                found = self.tickets.get(int(number))
                return answer(200, found) if found else problem(404, "ticket_not_found", "no such ticket")
            case "PUT", ["route", number]:
                department = options["json"]["department"]
                if department not in self.departments:
                    return problem(404, "department_not_found", "no such department")
                self.tickets[int(number)]["department"] = department
                self.routed += 1
                return answer(200, {})
        raise AssertionError((method, path))

    def _ticket(self, body: dict[str, str], key: str) -> requests.Response:
        if key in self.keys:
            found = self.tickets.get(self.keys[key])
            again = {"Idempotency-Replayed": "true"}
            return answer(201, found, again) if found else problem(410, "deleted", "It was deleted.", again)
        if not body["description"].strip():
            return problem(400, "invalid", "description: Must not be blank.")
        number = len(self.keys) + 1
        self.keys[key] = number
        self.tickets[number] = body | {"id": number, "department": "General", "created_at": f"{self.born} {number}"}
        return answer(201, self.tickets[number])

    def _department(self, name: str) -> requests.Response:
        if self.refuse_departments:
            return problem(self.refuse_departments, "forbidden", "Admins only.")
        if "/" in name or len(name) > 100:
            return problem(400, "invalid", "name: No / in it, at most 100 characters.")
        if len(self.departments) >= MAX_DEPARTMENTS:
            return problem(409, "too_many_departments", f"a company has at most {MAX_DEPARTMENTS} departments")
        self.departments[name] = True
        return answer(201, {"name": name})

    def _summary(self) -> dict[str, Any]:
        by_department: dict[str, int] = {}
        for ticket in self.tickets.values():
            by_department[ticket["department"]] = by_department.get(ticket["department"], 0) + 1
        number = len(self.tickets)
        return {
            "total_tickets": number, "unrouted": 0, "by_department": by_department, "by_status": {"pending": number},
            "recent_tickets_24h": number, "average_confidence": None,
        }  # fmt: skip


def away(_: int) -> None:
    raise click.ClickException("no answer from http://desk.example")
