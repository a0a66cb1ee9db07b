"""What a service looks after by itself is looked after again and again, by one process, whatever goes wrong."""

import time
from collections.abc import Callable
from typing import Any

import pytest

Build = Callable[..., Any]
PATIENCE_SECONDS = 20.0


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service_kit.messaging.worker.UPKEEP_SECONDS", 0.02)


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
    first.stop(10)
    eventually(lambda: "second" in calls)
