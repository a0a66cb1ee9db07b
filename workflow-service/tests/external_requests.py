"""Tasks at steps that ask a partner, and who asks it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any

from service_kit.circuit_breaker import CircuitBreaker
from service_kit.database.engine import Database
from service_kit.telemetry.metrics import Metrics
from workflow_service.adapters.ams import Ams
from workflow_service.adapters.bms import Bms
from workflow_service.adapters.partner_http import PartnerHttp
from workflow_service.domain.external import RetryLimits
from workflow_service.metrics import PartnerMetrics
from workflow_service.usecases.run_external_requests import Asker, run_external_requests

from .conftest import Api, Desk

STEPS = [
    {"name": "Ask", "role": "agent", "order": 1},
    {"name": "Reserve", "role": "agent", "order": 2, "external": "asset"},
    {"name": "Deliver", "role": "agent", "order": 3},
    {"name": "Done", "role": "agent", "order": 4},
]
WAYS = [
    {"from": "Ask", "to": "Reserve"},
    {"from": "Reserve", "to": "Deliver"},
    {"from": "Reserve", "to": "Ask", "name": "back"},
    {"from": "Deliver", "to": "Done"},
]
ASSET = {"kind": "asset", "asset_id": "A1", "duration_days": 90, "notes": "für die neue Kollegin"}
BUDGET = {"kind": "budget", "amount": "1200.00", "currency": "EUR", "category": "Hardware", "justification": "Laptop"}
WORKER_SECONDS = 60


@dataclass
class Tasks:
    """Tasks of a workflow with a step that asks AMS; ann has them."""

    api: Api
    desk: Desk
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Deploy the workflow and add the team."""
        self.desk.team(1, "ann")
        self.api.deployed(**{"steps": STEPS, "transitions": WAYS} | self.changes)
        self.ann = replace(self.api, role="agent", subject="user:8", email="ann@example.com")
        self.max = replace(self.api, role="manager", subject="user:9", email="max@example.com")

    def new(self, ticket: int) -> str:
        """Return the address of a new ticket's task."""
        self.desk.route(ticket, department="IT Support", category="IT Support")
        (found,) = [task for task in self.api.every("/api/tasks") if task["ticket_id"] == ticket]
        return f"/api/tasks/{found['task_id']}"

    def go(self, task: str, to: str, **more: Any) -> Any:
        """Let ann move a task to a step."""
        return self.ann.call("POST", f"{task}/transition", {"to": to, "notes": "on", **more})

    def asked(self, ticket: int) -> str:
        """Return the address of a task that waits for AMS."""
        task = self.new(ticket)
        assert self.go(task, "Reserve").status_code == 200
        answer = self.ann.call("POST", f"{task}/external", ASSET)
        assert answer.status_code == 202, answer.text
        return task

    def external(self, task: str) -> dict[str, Any]:
        """Return what a task shows of its request."""
        found: dict[str, Any] = self.api.get(task)["external"]
        return found


@dataclass
class Worker:
    """Asks partners as a worker does, with short pauses."""

    database: Database
    url: str
    kind: str = "asset"
    seconds: float = 30.0
    retry_seconds: float = 0.1
    breaker_seconds: float = 1.0
    max_tries: int = 100
    threads: int = 4
    lease: timedelta = timedelta(seconds=60)
    metrics: Metrics = field(default_factory=lambda: Metrics("workflow-service"))

    def asker(self) -> Asker:
        """Return who asks the partner."""
        breaker = CircuitBreaker(open_seconds=self.breaker_seconds, max_open_seconds=self.breaker_seconds)
        http = PartnerHttp(self.kind, self.url, {}, seconds=self.seconds, breaker=breaker)
        return Asker(
            self.database,
            Ams(http) if self.kind == "asset" else Bms(http),
            RetryLimits(self.retry_seconds, self.max_tries, timedelta(days=7)),
            PartnerMetrics(self.metrics),
            self.lease,
            self.threads,
        )

    def ask_once(self) -> int:
        """Ask about what is due, wait for the answers and return how many requests that were."""
        asker = self.asker()
        number = asker.ask_due()
        asker.join(WORKER_SECONDS)
        return number

    def start(self) -> Callable[[], None]:
        """Ask in a thread until the returned function is called."""
        stopping = Event()
        thread = Thread(target=run_external_requests, args=([self.asker()], stopping))
        thread.start()

        def stop() -> None:
            stopping.set()
            thread.join(WORKER_SECONDS)
            assert not thread.is_alive()

        return stop
