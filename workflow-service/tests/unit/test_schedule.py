"""What a clock still waits for: one warning per target, breaches that were not declared, and those without ground."""

from datetime import timedelta

import pytest
from workflow_service.domain.clocks import ENDED, PAUSED, RESOLUTION, RUNNING, STEP, Breach, Clock
from workflow_service.domain.schedule import deadline, schedule

from ..calendars import utc

START = utc("2026-02-02 08:00")
HOUR = timedelta(hours=1)
DUE = START + 8 * HOUR
WARNING = START + 6 * HOUR
SECONDS = 28_800


def clock(kind: str = RESOLUTION, state: str = RUNNING, *breaches: Breach) -> Clock:
    return Clock(
        kind=kind, opened_at=START, target=8 * HOUR, state=state, due_at=None if state == PAUSED else DUE,
        warn_at=WARNING, ended_at=DUE if state == ENDED else None, breaches=breaches,
    )  # fmt: skip


def test_a_running_clock_waits_for_its_warning_then_for_its_due_date() -> None:
    running = clock(RESOLUTION, RUNNING, Breach(DUE, DUE))
    assert schedule(running, (), None).next_at == WARNING
    assert schedule(running, (), SECONDS).next_at == DUE
    assert schedule(running, (), SECONDS // 2).next_at == WARNING, "another target warns again"


@pytest.mark.parametrize("state", [PAUSED, ENDED])
def test_a_clock_that_does_not_run_warns_of_nothing(state: str) -> None:
    assert schedule(clock(RESOLUTION, state), (), None).next_at is None


def test_an_ended_clock_still_has_its_breach_declared() -> None:
    late = schedule(clock(RESOLUTION, ENDED, Breach(DUE, DUE)), (), SECONDS)
    assert (late.next_at, late.pending, late.breached) == (DUE, (Breach(DUE, DUE),), False)


def test_a_declared_breach_is_not_declared_again_and_warns_no_more() -> None:
    declared = schedule(clock(RESOLUTION, RUNNING, Breach(DUE, DUE)), [DUE], None)
    assert (declared.next_at, declared.pending, declared.groundless, declared.breached) == (None, (), (), True)


def test_a_declared_breach_without_ground_is_named() -> None:
    moved = schedule(clock(RESOLUTION, RUNNING, Breach(DUE, DUE)), [DUE - HOUR], SECONDS)
    assert (moved.groundless, moved.breached, moved.next_at) == ((DUE - HOUR,), False, DUE)


def test_the_deadline_is_that_of_the_present_step_or_of_the_resolution_at_the_end() -> None:
    assert deadline([clock(), clock(STEP, ENDED), clock(STEP, PAUSED)]) is None
    assert deadline([clock(), clock(STEP, ENDED)]) == DUE
