"""Slices of the shortest computation run first."""

from threading import Event, Thread, active_count

import pytest
from rag_service.adapters.slices import Slices


def test_results_come_in_the_order_of_the_slices() -> None:
    assert list(Slices[int](3).run([lambda number=number: number * number for number in range(20)])) == [
        number * number for number in range(20)
    ]
    assert list(Slices[int](3).run([])) == []


def test_a_short_computation_runs_before_what_is_left_of_a_long_one() -> None:
    slices, ran, begun, goes_on = Slices[None](1), list[str](), Event(), Event()

    def first() -> None:
        begun.set()
        assert goes_on.wait(10)
        ran.append("long 0")

    long = slices.run([first, *[lambda number=number: ran.append(f"long {number}") for number in range(1, 5)]])
    reader = Thread(target=lambda: list(long))
    reader.start()
    assert begun.wait(10)
    short = Thread(target=lambda: list(slices.run([lambda: ran.append("short")])))
    short.start()
    while not any(length == 1 for length, *_ in slices._waiting):
        pass
    goes_on.set()
    reader.join(10)
    short.join(10)
    assert ran == ["long 0", "short", "long 1", "long 2", "long 3", "long 4"]


def test_an_error_reaches_its_caller_and_ends_only_that_computation() -> None:
    slices, ran, goes_on = Slices[int](1), list[int](), Event()

    def fails() -> int:
        raise ValueError("not this one")

    def waits() -> int:
        assert goes_on.wait(10)
        return 0

    def counts() -> int:
        ran.append(1)
        return 1

    with pytest.raises(ValueError, match="not this one"):
        list(slices.run([fails, waits, *[counts] * 20]))
    goes_on.set()
    assert list(slices.run([counts])) == [1]
    assert ran == [1]


def test_threads_end_when_there_is_nothing_to_do() -> None:
    before = active_count()
    slices = Slices[int](8)
    list(slices.run([lambda: 1] * 50))
    for _ in range(1_000):
        if active_count() == before:
            break
        Event().wait(0.01)
    assert active_count() == before
