"""A help desk for workflow-service alone: the events of the other services, and people who move tasks by its API."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from eventbus.bus.port import BusDown, Outcome, Outgoing
from eventbus.bus.rabbitmq import RabbitBus
from eventbus.contracts import Contracts
from eventbus.event import Message
from eventbus.testing.events import make_message
from eventbus.wire import rfc3339
from flask.testing import FlaskClient
from service_kit.testing.calls import Calls

WITH_DELETIONS = 2
"""The company whose tickets are deleted now and then; the fairness of the other one can be counted to the end."""
COMPANIES = (1, WITH_DELETIONS)
PRESENT = ("ann", "ben", "cem")
"""Agents who are present the whole time."""
COMING_AND_GOING = ("dia", "eva")
STAFF = {"lea": "lead", "max": "manager", "ada": "admin"}
WORKFLOW = {
    "name": "Repairs",
    "category": "IT Support",
    "department": "IT Support",
    "urgent_sla": "PT2S", "high_sla": "PT4S", "medium_sla": "PT8S", "low_sla": "PT2H",
    "urgent_response_sla": "PT1S", "high_response_sla": "PT2S", "medium_response_sla": "PT4S",
       "low_response_sla": "PT1H",
    "steps": [
        {"name": "New", "role": "agent", "order": 1},
        {"name": "Work", "role": "agent", "order": 2},
        {"name": "Check", "role": "lead", "order": 3},
        {"name": "Done", "role": "agent", "order": 4},
    ],
}  # fmt: skip
PRIORITIES = ("urgent", "high", "medium", "low")
STATUSES = ("in_progress", "on_hold", "resolved", "closed")
REDELIVERED = 0.1
"""The share of events that their publisher sends twice."""


class Caller(Calls):
    """A person of a company as workflow-service sees them."""

    name = "workflow-service"


def email_of(name: str, company: int) -> str:
    """Return the address of a person."""
    return f"{name}@company{company}.example"


PRESENT_IN = {
    company: [email_of(name, company) for name in PRESENT] for company in COMPANIES if company != WITH_DELETIONS
}
"""The people among whom tasks must be dealt evenly, by company."""


@dataclass
class Published:
    """An event that the broker has confirmed."""

    id: str
    type: str
    company: int
    subject: str


@dataclass
class Desk:
    """Publishes events and lets people call; everything is chosen by `random` and written down."""

    bus: RabbitBus
    client: FlaskClient
    random: Random
    published: list[Published] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    _revisions: dict[tuple[int, int], int] = field(default_factory=dict)
    """The revision of the last event about each living ticket."""
    _numbers: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._contracts = Contracts.installed()
        self._publisher = self.bus.publisher()

    def open(self) -> None:
        """Publish teams and people and deploy the workflow of each company."""
        for company in COMPANIES:
            people = [*PRESENT, *COMING_AND_GOING, "lea"]
            members = [
                {"email": email_of(name, company), "name": name, "role": STAFF.get(name, "agent")} for name in people
            ]
            team = {"team_id": 1, "name": "Repairs", "department": "IT Support", "members": members}
            messages = [self._make("team.created", company, f"team:{company}:1", 1, "auth-service", **team)]
            for number, (name, role) in enumerate(STAFF.items(), 1):
                user = {"user_id": number, "username": name, "role": role, "email": email_of(name, company)}
                user["role"] = "agent" if role == "lead" else role
                subject = f"user:{company}{number}"
                messages.append(self._make("user.created", company, subject, 1, "auth-service", **user))
            self.publish(messages)
            added = self.call("ada", company, "POST", "/api/workflows", WORKFLOW)
            self.call("ada", company, "POST", f"/api/workflows/{added['id']}/deploy")

    def act(self) -> None:
        """Do what happens at a desk: mostly new tickets, then news about old ones, and people who move tasks."""
        company = self.random.choice(COMPANIES)
        happening = self.random.choices(
            [self._new_tickets, self._news, self._move, self._presence], weights=[30, 35, 30, 5]
        )[0]
        happening(company)

    def call(self, name: str, company: int, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Call the API as a person and return the answer's body."""
        role = {"max": "manager", "ada": "admin"}.get(name, "agent")
        caller = Caller(self.client, company, role, f"user:{name}", email=email_of(name, company))
        answer = caller.call(method, path, body)
        self.answers[answer.status_code] += 1
        return dict(answer.json or {})

    def publish(self, messages: Iterable[Message]) -> None:
        """Publish events until the broker has confirmed that they are in a queue; some of them twice."""
        waiting = list(messages)
        waiting += [message for message in waiting if self.random.random() < REDELIVERED]
        while waiting:
            try:
                outcomes = self._publisher.publish(None, [Outgoing(message) for message in waiting])
            except BusDown:
                outcomes = [Outcome.UNCONFIRMED] * len(waiting)
            for message, outcome in zip(waiting, outcomes, strict=True):
                if outcome is Outcome.CONFIRMED:
                    self.published.append(_published(message))
            waiting = [
                message for message, outcome in zip(waiting, outcomes, strict=True) if outcome is not Outcome.CONFIRMED
            ]
            if waiting:
                time.sleep(0.1)  # the workers have not declared their queues yet

    def close(self) -> None:
        """Close the connection to the broker."""
        self._publisher.close()

    def _new_tickets(self, company: int) -> None:
        messages = []
        for _ in range(self.random.randint(1, 6)):
            self._numbers[company] += 1
            messages.append(self._routed(company, self._numbers[company]))
        self.publish(messages)

    def _news(self, company: int) -> None:
        known = [number for of, number in self._revisions if of == company]
        if not known:
            return
        number = self.random.choice(known)
        kinds = ["status", "comment", "priority", "rerouted", *["deleted"] * (company == WITH_DELETIONS)]
        kind = self.random.choice(kinds)
        at = datetime.now(UTC) - timedelta(seconds=self.random.choice([0, 0, 0, 1, 3]))
        if kind == "status":
            status = {"status": self.random.choice(STATUSES), "updated_at": rfc3339(at)}
            self.publish([self._about(company, number, "ticket.status.updated", **status)])
        elif kind == "comment":
            comment = {"author_kind": self.random.choice(["requester", "agent"]), "internal": False}
            self.publish([self._about(company, number, "ticket.commented", **comment, sent_at=rfc3339(at))])
        elif kind == "priority":
            priority = {"priority": self.random.choice(PRIORITIES), "priority_given": True}
            self.publish([self._about(company, number, "ticket.updated", **priority, updated_at=rfc3339(at))])
        elif kind == "rerouted":
            self.publish([self._routed(company, number)])
        else:
            self.publish([self._about(company, number, "ticket.deleted")])
            del self._revisions[company, number]

    def _move(self, company: int) -> None:
        path = f"/api/tasks?limit=20&sort={self.random.choice(['created', 'due'])}&status=pending&status=in_progress"
        found = self.call("max", company, "GET", path).get("items")
        if not found:
            return
        task = self.random.choice(found)
        of_task = f"/api/tasks/{task['task_id']}"
        somebody = email_of(self.random.choice([*PRESENT, *COMING_AND_GOING]), company)
        method, path, body = self.random.choice(
            [
                ("POST", f"/api/tickets/{task['ticket_id']}/advance-status", None),
                ("PATCH", of_task, {"status": "in_progress", "notes": "begun"}),
                ("PATCH", of_task, {"status": "completed", "notes": "done"}),
                ("POST", f"{of_task}/escalate", {"reason": "it takes too long"}),
                ("POST", f"{of_task}/transfer", {"user_email": somebody, "notes": "knows it"}),
            ]
        )
        self.call("max", company, method, path, body)

    def _presence(self, company: int) -> None:
        name = self.random.choice(COMING_AND_GOING)
        body = {"available": self.random.random() < 0.5, "until": None}
        self.call(name, company, "PUT", "/api/presence", body)

    def _routed(self, company: int, number: int) -> Message:
        revision = self._revisions[company, number] = self._revisions.get((company, number), 0) + 1
        routing = {"department": "IT Support", "category": "IT Support", "team_id": 1, "team": "Repairs"}
        priority = self.random.choice(PRIORITIES)
        return self._make("ticket.routed", company, str(number), revision, "routing-service", ticket_id=number,
                          priority=priority, **routing)  # fmt: skip

    def _about(self, company: int, number: int, kind: str, **body: Any) -> Message:
        revision = self._revisions[company, number] = self._revisions[company, number] + 1
        return self._make(kind, company, str(number), revision, "ticket-service", ticket_id=number, **body)

    def _make(self, kind: str, company: int, subject: str, revision: int, source: str, **body: Any) -> Message:
        return make_message(
            self._contracts, kind, body, source=source, subject=subject, company=company, revision=revision
        )


def _published(message: Message) -> Published:
    attributes = message.attributes
    return Published(message.id, message.type, int(attributes["companyid"]), attributes["subject"])
