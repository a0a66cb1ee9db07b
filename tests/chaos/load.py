"""Customers and agents: they create, move, edit, route and delete tickets, and write down every call."""

import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests

TEXTS = (
    ("Outlook does not open", "Since the update Outlook hangs at the password prompt and no email arrives."),
    ("Question on my vacation", "How many days of leave do I have left, and who approves my benefits?"),
    ("Heating in room 12", "The heating is broken and the light flickers; please send somebody."),
    ("Invoice 4711 unpaid", "A supplier asks about the payment of an invoice and my reimbursement."),
    ("A question", "I do not know whom to ask about this."),
)
DEPARTMENTS = ("IT Support", "HR", "Facilities", "Finance", "General")
NEXT = {"pending": "in_progress", "in_progress": "resolved", "resolved": "closed", "closed": "in_progress"}
CREATE_SECONDS = 90
CALL_SECONDS = 20


@dataclass
class Call:
    """One call: `status` is None where no answer came, so that nobody knows whether it was carried out."""

    at: float
    kind: str
    what: str
    status: int | None
    detail: Any = None


@dataclass
class Expected:
    """What a ticket may be in the end, by the answers that its customer got."""

    ticket_id: int
    title: str
    statuses: set[str] = field(default_factory=lambda: {"pending"})
    priorities: set[str] | None = None
    """None where no person chose one."""
    departments: set[str] | None = None
    deleted: bool | None = False
    """None where it may or may not be."""
    settled: set[str] = field(default_factory=set)
    """Fields that are left alone because a call about them had no answer."""


class Customer:
    """One source of calls, at random moments, `per_second` of them on average."""

    def __init__(self, url: str, number: int, seed: int, per_second: float) -> None:
        self._url, self._number, self._per_second = url, number, per_second
        self._random = Random(f"{seed}-{number}")
        self._http = requests.Session()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"customer-{number}", daemon=True)
        self.calls: list[Call] = []
        self.tickets: list[Expected] = []

    def start(self) -> None:
        """Begin to call."""
        self._thread.start()

    def stop(self) -> None:
        """Make no new calls; a create that has no answer yet is still tried again until it has one."""
        self._ended.set()

    def join(self) -> None:
        """Wait for the last answer."""
        self._thread.join(CREATE_SECONDS + CALL_SECONDS)

    def _run(self) -> None:
        while not self._ended.wait(self._random.expovariate(self._per_second)):
            alive = [ticket for ticket in self.tickets if ticket.deleted is False]
            act = self._random.choices(
                [self._create, self._move, self._edit, self._route, self._delete], [70, 12, 6, 6, 6]
            )[0]
            if act == self._create or not alive:
                self._create()
            else:
                act(self._random.choice(alive))  # type: ignore[operator]

    def _create(self, *_: object) -> None:
        subject, text = self._random.choice(TEXTS)
        key = f"{self._number}-{len(self.calls)}"
        title = f"{subject} #{key}"
        body = {"title": title, "description": text, "user_name": "Ann", "user_email": "ann@company.example"}
        deadline = time.monotonic() + CREATE_SECONDS
        while time.monotonic() < deadline:
            answer = self._call("create", title, "POST", "/api/tickets", body, {"Idempotency-Key": key})
            if answer is not None and answer.status_code == 201:
                self.tickets.append(Expected(answer.json()["id"], title))
                return
            if answer is not None and answer.status_code < 500 and answer.status_code not in (409, 429):
                return
            time.sleep(0.3)

    def _move(self, ticket: Expected) -> None:
        if "status" in ticket.settled:
            return
        wanted = NEXT[next(iter(ticket.statuses))]
        done = self._change(ticket, "status", "PUT", f"/api/tickets/{ticket.ticket_id}/status", {"status": wanted})
        ticket.statuses = {wanted} if done else ticket.statuses if done is False else ticket.statuses | {wanted}

    def _edit(self, ticket: Expected) -> None:
        if "priority" in ticket.settled:
            return
        wanted = self._random.choice(["low", "medium", "high", "urgent"])
        done = self._change(ticket, "priority", "PATCH", f"/api/tickets/{ticket.ticket_id}", {"priority": wanted})
        if done:
            ticket.priorities = {wanted}
        elif done is None:
            ticket.priorities = None

    def _route(self, ticket: Expected) -> None:
        if "department" in ticket.settled:
            return
        wanted = self._random.choice(DEPARTMENTS)
        done = self._change(ticket, "department", "PUT", f"/api/route/{ticket.ticket_id}", {"department": wanted})
        if done:
            ticket.departments = {wanted}
        elif done is None:
            ticket.departments = None

    def _delete(self, ticket: Expected) -> None:
        ticket.deleted = self._change(ticket, "ticket", "DELETE", f"/api/tickets/{ticket.ticket_id}", None)

    def _change(self, ticket: Expected, what: str, method: str, path: str, body: Any) -> bool | None:
        """Return whether it was carried out, None where nobody knows; then that field is left alone from now on."""
        answer = self._call(f"{method} {what}", str(ticket.ticket_id), method, path, body, {})
        if answer is not None and answer.ok:
            return True
        if answer is not None and answer.status_code < 500:
            return False
        ticket.settled.add(what)
        return None

    def _call(
        self, kind: str, what: str, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> requests.Response | None:
        at = time.time()
        try:
            answer = self._http.request(
                method,
                self._url + path,
                json=body,
                headers={"Prefer": "respond-async", **headers},
                timeout=CALL_SECONDS,
            )
        except requests.RequestException as error:
            self.calls.append(Call(at, kind, what, None, type(error).__name__))
            return None
        detail = answer.json() if answer.content else None
        self.calls.append(Call(at, kind, what, answer.status_code, detail))
        return answer


class Load:
    """Several customers at once; a context manager that ends when the last open create is answered."""

    def __init__(self, url: str, seed: int, *, customers: int = 6, per_second: float = 12) -> None:
        self._customers = [Customer(url, number, seed, per_second / customers) for number in range(customers)]

    def __enter__(self) -> "Load":
        for customer in self._customers:
            customer.start()
        return self

    def __exit__(self, *_: object) -> None:
        for customer in self._customers:
            customer.stop()
        for customer in self._customers:
            customer.join()

    @property
    def calls(self) -> list[Call]:
        """Return every call, in order."""
        return sorted((call for customer in self._customers for call in customer.calls), key=lambda call: call.at)

    @property
    def tickets(self) -> list[Expected]:
        """Return every ticket that a customer was told of."""
        return [ticket for customer in self._customers for ticket in customer.tickets]
