"""What a service looks after by itself is looked after again and again, by one process, whatever goes wrong."""

import time
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from service_kit.messaging.bus.memory import MemoryBus
from service_kit.messaging.contracts import Contracts

from .shop import contracts_of_shop

Build = Callable[..., Any]
PATIENCE_SECONDS = 60.0


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service_kit.messaging.worker.UPKEEP_SECONDS", 0.02)
    monkeypatch.setattr("service_kit.messaging.worker.QUEUES_EVERY_SECONDS", 0.1)


@pytest.fixture
def contracts() -> Contracts:
    """What `shop` says and hears, and a neighbour that is down."""
    return contracts_of_shop(bakery={"publishes": [], "queues": {"listen": ["thing.made"]}})


def test_it_goes_on_after_it_failed(build: Build) -> None:
    calls: list[int] = []

    def upkeep() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("not yet")

    build(upkeep=upkeep).start()
    eventually(lambda: len(calls) > 5)


def test_one_process_does_it_for_all(build: Build) -> None:
    calls: list[str] = []
    first = build(upkeep=lambda: calls.append("first"))
    first.start()
    eventually(lambda: "first" in calls)
    second = build(upkeep=lambda: calls.append("second"))
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


def test_services_that_start_together_do_not_do_it_together(build: Build) -> None:
    waits: list[float] = []

    class Stopping(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0.0)
            return len(waits) == 50

    worker = build()
    worker._stopping = Stopping()
    worker._upkeep()
    assert 0.01 <= min(waits) < 0.015 < 0.025 < max(waits) <= 0.03
