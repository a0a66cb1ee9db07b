"""A service's maintenance runs again and again, in one process, after every failure."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from eventbus.bus.memory import MemoryBus
from eventbus.contracts import Contracts

from .shop import contracts_of_shop

Build = Callable[..., Any]
PATIENCE_SECONDS = 180.0


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eventbus.maintenance.INTERVAL_SECONDS", 0.02)
    monkeypatch.setattr("eventbus.maintenance.DECLARE_EVERY_SECONDS", 0.1)


@pytest.fixture
def contracts() -> Contracts:
    """The contracts of `shop` and of another service, which is down."""
    return contracts_of_shop(bakery={"publishes": [], "queues": {"listen": ["thing.made"]}})


def test_maintenance_continues_after_a_failure(build: Build) -> None:
    calls: list[int] = []

    def maintenance() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("not yet")

    build(maintenance=maintenance).start()
    eventually(lambda: len(calls) > 5)


def test_one_process_runs_the_maintenance_for_all(build: Build) -> None:
    calls: list[str] = []
    first = build(maintenance=lambda: calls.append("first"))
    first.start()
    eventually(lambda: "first" in calls)
    second = build(maintenance=lambda: calls.append("second"))
    second.start()
    before = len(calls)
    eventually(lambda: len(calls) > before + 10)
    assert "second" not in calls
    first.stop(60)
    eventually(lambda: "second" in calls)


def test_a_lost_queue_of_a_service_that_is_down_is_brought_back_and_refilled(build: Build, bus: MemoryBus) -> None:
    worker = build()
    worker.start()
    eventually(lambda: worker.relay.active)
    asked: list[str] = []
    bus.request_refill = asked.append  # type: ignore[method-assign]
    bus.delete("bakery.listen")
    eventually(lambda: bool(asked))
    assert asked == ["bakery.listen"]


def test_services_that_start_together_do_not_run_their_maintenance_together(build: Build) -> None:
    waits: list[float] = []

    class Stopping(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return len(waits) == 50

    worker = build()
    worker._maintenance.run(Stopping(), lambda: False)
    assert 0.01 <= min(waits) < 0.015 < 0.025 < max(waits) <= 0.03
