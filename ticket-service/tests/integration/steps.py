"""Takes the steps of jobs in a test, as the worker does."""

from typing import Any

import orjson
from eventbus.event import Envelope
from eventbus.subscription import Delivery
from eventbus.wire import body_reader
from service_kit.telemetry.cause import Cause
from service_kit.telemetry.metrics import Metrics
from service_kit.testing.postgres import ServiceDatabase
from sqlalchemy import text
from ticket_service import service
from ticket_service.settings import Settings

from ..conftest import DRAFT, Api
from .test_consume import Inside

STEP = "job.step.requested"


class Steps(Inside):
    """Delivers the announced steps of jobs in their order, as the worker does."""

    def __init__(self, made: ServiceDatabase, settings: Settings) -> None:
        self.made = made
        self.metrics = Metrics(service.SERVICE.name)
        process = service.SERVICE.instance(settings, self.metrics)
        self.database = process.database
        (advance,) = [each for each in process.subscriptions() if each.name == "advance-jobs"]
        self.consumers, self.deps = dict(advance.consumers), advance.deps
        self.close = process.close
        self.delivered: set[str] = set()
        self.jobs: list[str] = []
        """The job of each step, in the order of the steps."""
        self.lock_timeout = "60s"
        """How long a step waits for a lock before the database refuses it."""

    def announced(self) -> list[tuple[str, int, Cause, dict[str, Any]]]:
        """Return (id, company, cause, body) of the steps that weren't delivered yet."""
        found = self.made.rows(
            "select id::text, company_id, request_id, traceparent, actor_kind, body from outbox"
            " where type = %s order by seq", STEP,
        )  # fmt: skip
        return [
            (event_id, company, Cause(request_id, traceparent, kind, event_id), orjson.loads(body))
            for event_id, company, request_id, traceparent, kind, body in found
            if event_id not in self.delivered
        ]

    def take(self, step: tuple[str, int, Cause, dict[str, Any]]) -> None:
        """Take one step in a transaction."""
        event_id, company, cause, body = step
        consumer = self.consumers[STEP]
        envelope = Envelope(event_id, STEP, 1, "ticket-service", body["job_id"], company, body["step"], "", cause)
        with self.database.session(company) as session, session.begin():
            session.execute(text(f"set local lock_timeout = '{self.lock_timeout}'"))
            consumer.apply(session, [Delivery(envelope, body_reader(consumer.view_of(STEP))(body))], self.deps)
        self.delivered.add(event_id)
        self.jobs.append(body["job_id"])

    def finish(self) -> None:
        """Take all steps until none is announced."""
        while steps := self.announced():
            self.take(steps[0])


def start(api: Api, method: str, body: Any, **headers: str) -> str:
    """Start a job and return its id."""
    response = api.call(method, "/api/tickets/bulk", body, **headers)
    assert response.status_code == 202, response.text
    assert response.headers["Location"] == f"/api/jobs/{response.json['id']}"
    return str(response.json["id"])


def results(api: Api, job_id: str) -> list[dict[str, Any]]:
    """Return all items of a job."""
    return api.every(f"/api/jobs/{job_id}?limit=100")


def titled(*titles: str) -> dict[str, Any]:
    return {"tickets": [DRAFT | {"title": title} for title in titles]}
