"""What `smart-ticket doctor` reports, and its advice."""

from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from launcher.commands.diagnose import MAX_LAG_SECONDS, doctor, outbox_lag
from launcher.events import GatewayEvents

METRICS = """
# TYPE outbox_oldest_seconds gauge
outbox_oldest_seconds{instance="a:5001",service="ticket-service"} 1.5
outbox_oldest_seconds{instance="b:5001",service="ticket-service"} 45.0
outbox_oldest_seconds{instance="a:5002",service="ai-service"} 0.0
outbox_size{instance="a:5002",service="ai-service"} 9
"""


class FakeGateway:
    """Answers the calls of doctor."""

    def __init__(self, **paths: Any) -> None:
        self.health = {"services": {"ticket-service": {"status": "healthy"}}}
        self.dead: Any = {"count": 0, "items": [], "next": None}
        self.waiting: Any = {"count": 0, "items": [], "next": None}
        self.metrics = ""
        self.__dict__.update(paths)

    def get(self, path: str, state: str | None = None, **_: Any) -> Any:
        found = self.health if path == "/api/health" else self.waiting if state == "waiting" else self.dead
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, *_: Any) -> Any:
        return type("Response", (), {"text": self.metrics})


@pytest.fixture(autouse=True)
def _no_rabbitmq(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RABBITMQ_URL", raising=False)


def run(gateway: FakeGateway) -> Result:
    return CliRunner().invoke(doctor, [], obj={"gateway": gateway, "events": lambda: GatewayEvents(gateway)})


def test_the_lag_of_a_service_is_that_of_its_latest_replica() -> None:
    assert outbox_lag(METRICS) == {"ticket-service": 45.0, "ai-service": 0.0}


def test_a_healthy_system_exits_with_0() -> None:
    done = run(FakeGateway(metrics='outbox_oldest_seconds{service="ai-service"} 0.2'))
    assert done.exit_code == 0
    assert "✓ ticket-service is healthy" in done.output
    assert "✓ 0 dead letters" in done.output
    assert "✓ 0 events wait for another attempt" in done.output
    assert "✓ ai-service: oldest unpublished event 0 s" in done.output
    assert "→" not in done.output


def test_a_late_outbox_is_a_problem() -> None:
    done = run(FakeGateway(metrics=METRICS))
    assert done.exit_code == 1
    assert "✗ ticket-service: oldest unpublished event 45 s" in done.output
    assert "✓ ai-service" in done.output
    assert MAX_LAG_SECONDS == 30


def test_an_unhealthy_service_is_shown_with_its_reason() -> None:
    done = run(
        FakeGateway(health={"services": {"rag-service": {"status": "unhealthy", "reason": "no answer in time"}}})
    )
    assert done.exit_code == 1
    assert "✗ rag-service is unhealthy" in done.output
    assert "→ no answer in time; see its log" in done.output


def test_dead_letters_are_a_problem_with_advice() -> None:
    done = run(FakeGateway(dead={"count": 100, "items": [], "next": "cursor"}))
    assert done.exit_code == 1
    assert "✗ 100+ dead letters" in done.output
    assert "smart-ticket dead-letters list" in done.output


def test_a_caller_without_permission_is_asked_for_a_key() -> None:
    done = run(FakeGateway(dead=click.ClickException("403 forbidden")))
    assert done.exit_code == 1
    assert "dead letters can't be read: 403 forbidden" in done.output
    assert "SMARTTICKET_API_KEY" in done.output


def test_a_system_that_is_down_is_one_problem() -> None:
    done = run(FakeGateway(health=click.ClickException("no answer from http://127.0.0.1:5000")))
    assert done.exit_code == 1
    assert done.output.count("✗") == 1
    assert "make up" in done.output


@pytest.mark.parametrize(("attempts", "exit_code"), [([1, 2], 0), ([1, 3, 4], 1)])
def test_events_that_wait_after_many_attempts_are_worth_a_look(attempts: list[int], exit_code: int) -> None:
    items = [{"attempts": number} for number in attempts]
    done = run(FakeGateway(waiting={"count": len(items), "items": items, "next": None}))
    assert done.exit_code == exit_code
    assert f"{len(items)} events wait for another attempt" in done.output
    assert ("2 failed 3 times or more" in done.output) == bool(exit_code)
