"""Clocks of a task whose calendar or targets change while it runs."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_service.domain.clocks import (
    DUE,
    ENDED,
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    RESOLUTION,
    RUNNING,
    STEP,
    Clock,
    clocks_of,
)
from workflow_service.domain.facts import Comment, Facts, PriorityChange, StatusChange, StepVisit
from workflow_service.domain.policy import POLICY, PRIORITY, Policy, PolicyChange

from ..calendars import ALWAYS, NINE_TO_FIVE, at
from .test_clock_properties import START, histories, instants

in_its_own_time = settings(deadline=None)
HOUR = timedelta(hours=1)
TARGETS = {"urgent": 4 * HOUR, "high": 8 * HOUR, "medium": 16 * HOUR, "low": 24 * HOUR}
RESPONSE = {"urgent": HOUR, "high": 2 * HOUR, "medium": 4 * HOUR, "low": 8 * HOUR}
OFFICE = Policy(NINE_TO_FIVE, TARGETS, RESPONSE)
MONDAY = at("2026-02-02 09:00")
CHANGE = at("2026-02-02 12:00")


def targets(factor: float) -> dict[str, timedelta]:
    return {priority: target * factor for priority, target in TARGETS.items()}


def facts(priority: str = "high", **more: object) -> Facts:
    return Facts(MONDAY, priority, **more)  # type: ignore[arg-type]


def one(kind: str, of: Facts, *policies: Policy | PolicyChange, first: Policy = OFFICE) -> Clock | None:
    changes = [each if isinstance(each, PolicyChange) else PolicyChange(CHANGE, each) for each in policies]
    found = [clock for clock in clocks_of(of, first, changes) if clock.kind == kind]
    assert len(found) < 2
    return found[0] if found else None


def breaches(clock: Clock | None) -> list[tuple[datetime, datetime, str]]:
    assert clock is not None
    return [(breach.due_at, breach.at, breach.reason) for breach in clock.breaches]


def test_a_calendar_that_is_open_longer_makes_the_clock_due_sooner() -> None:
    moved = one(RESOLUTION, facts("medium"), replace(OFFICE, calendar=ALWAYS))
    assert moved is not None
    assert (moved.due_at, moved.state) == (MONDAY + 16 * HOUR, RUNNING)
    assert breaches(moved) == [(MONDAY + 16 * HOUR, MONDAY + 16 * HOUR, DUE)]


def test_a_target_that_is_over_already_is_breached_at_the_change_and_not_before() -> None:
    shorter = one(RESOLUTION, facts(), replace(OFFICE, resolution=targets(0.25)))
    assert breaches(shorter) == [(at("2026-02-02 11:00"), CHANGE, POLICY)]


def test_a_longer_target_comes_before_the_breach_of_the_old_one() -> None:
    """breeze#6691."""
    longer = one(RESOLUTION, facts(), replace(OFFICE, resolution=targets(2)))
    assert breaches(longer) == [(at("2026-02-03 17:00"), at("2026-02-03 17:00"), DUE)]


def test_a_breach_of_before_stays_and_the_new_due_date_is_one_more() -> None:
    late = PolicyChange(at("2026-02-03 10:00"), replace(OFFICE, resolution=targets(2)))
    assert breaches(one(RESOLUTION, facts(), late)) == [
        (at("2026-02-02 17:00"), at("2026-02-02 17:00"), DUE),
        (at("2026-02-03 17:00"), at("2026-02-03 17:00"), DUE),
    ]
    over = PolicyChange(at("2026-02-03 10:00"), replace(OFFICE, resolution=targets(0.5)))
    assert breaches(one(RESOLUTION, facts(), over)) == [(at("2026-02-02 17:00"), at("2026-02-02 17:00"), DUE)]


def test_a_new_priority_after_the_change_counts_by_the_new_policy() -> None:
    soon = facts(priorities=[PriorityChange(at("2026-02-02 12:30"), 1, "urgent")])
    assert breaches(one(RESOLUTION, soon, replace(OFFICE, resolution=targets(0.5)))) == [
        (at("2026-02-02 11:00"), at("2026-02-02 12:30"), PRIORITY)
    ]


def test_targets_of_responses_that_are_taken_away_end_their_clocks_without_a_breach() -> None:
    """zammad#4353."""
    first = facts("medium")
    without = one(FIRST_RESPONSE, first, replace(OFFICE, response=None))
    assert without is not None
    assert (without.state, without.ended_at, without.breaches) == (ENDED, CHANGE, ())
    question = facts(comments=[Comment(MONDAY + HOUR / 2, "agent"), Comment(CHANGE + HOUR, "requester")])
    assert one(NEXT_RESPONSE, question, replace(OFFICE, response=None)) is None
    back = PolicyChange(CHANGE + 2 * HOUR, OFFICE)
    again = one(FIRST_RESPONSE, first, replace(OFFICE, response=None), back)
    assert again == without, "an ended clock doesn't begin again"


def test_targets_of_responses_that_are_new_count_from_the_start() -> None:
    none = replace(OFFICE, response=None)
    new = one(FIRST_RESPONSE, facts(), OFFICE, first=none)
    assert breaches(new) == [(at("2026-02-02 11:00"), CHANGE, POLICY)]
    assert breaches(one(FIRST_RESPONSE, facts("medium"), OFFICE, first=none)) == [
        (at("2026-02-02 13:00"), at("2026-02-02 13:00"), DUE)
    ]
    answered = facts(comments=[Comment(MONDAY + HOUR, "agent")])
    assert one(FIRST_RESPONSE, answered, OFFICE, first=none) is None


def test_a_step_keeps_its_share_of_the_new_target() -> None:
    visit = StepVisit("One", MONDAY, 0.25)
    step = one(STEP, facts(visits=[visit]), replace(OFFICE, resolution=targets(2)))
    assert step is not None
    assert (step.target, step.due_at) == (4 * HOUR, at("2026-02-02 13:00"))


def test_a_pause_over_the_change_has_no_due_date_until_it_ends() -> None:
    held = [StatusChange(MONDAY + HOUR, 1, "on_hold")]
    paused = one(RESOLUTION, facts(statuses=held), replace(OFFICE, resolution=targets(0.25)))
    assert paused is not None
    assert (paused.due_at, paused.breaches) == (None, ())
    released = facts(statuses=[*held, StatusChange(MONDAY + 5 * HOUR, 2, "in_progress")])
    assert breaches(one(RESOLUTION, released, replace(OFFICE, resolution=targets(0.25)))) == [
        (MONDAY + 6 * HOUR, MONDAY + 6 * HOUR, DUE)
    ]


several = st.lists(st.integers(1, 4).map(lambda part: part / 2), min_size=1, max_size=3)


def changed(factors: list[float], first: datetime) -> list[PolicyChange]:
    return [
        PolicyChange(first + number * 3 * HOUR, Policy(ALWAYS, targets(factor), RESPONSE if factor < 2 else None))
        for number, factor in enumerate(factors)
    ]


@in_its_own_time
@given(histories, instants)
def test_an_equal_policy_changes_nothing(of: Facts, instant: datetime) -> None:
    assert clocks_of(of, OFFICE, [PolicyChange(instant, OFFICE)]) == clocks_of(of, OFFICE)


@in_its_own_time
@given(histories, instants, several)
def test_a_clock_that_ended_before_the_change_stays_as_it_was(
    of: Facts, instant: datetime, factors: list[float]
) -> None:
    before = [clock for clock in clocks_of(of, OFFICE) if clock.ended_at is not None and clock.ended_at <= instant]
    if instant > START:
        after = {(clock.kind, clock.opened_at): clock for clock in clocks_of(of, OFFICE, changed(factors, instant))}
        assert [after[clock.kind, clock.opened_at] for clock in before] == before


@in_its_own_time
@given(histories, instants, several)
def test_no_change_declares_a_breach_before_itself_or_takes_one_back(
    of: Facts, instant: datetime, factors: list[float]
) -> None:
    def until_then(changes: list[PolicyChange]) -> set[tuple[str, datetime, datetime]]:
        return {
            (clock.kind, breach.due_at, breach.at)
            for clock in clocks_of(of, OFFICE, changes)
            for breach in clock.breaches
            if breach.at < instant
        }

    if instant > START:
        assert until_then(changed(factors, instant)) == until_then([])


@in_its_own_time
@given(histories, instants, several, st.randoms(use_true_random=False))
def test_the_order_of_changes_is_that_of_their_times(
    of: Facts, instant: datetime, factors: list[float], chance: object
) -> None:
    changes = changed(factors, instant)
    assert clocks_of(of, OFFICE, changes[::-1]) == clocks_of(of, OFFICE, changes)


@pytest.mark.parametrize("reason", [PRIORITY, POLICY])
def test_the_reason_names_what_made_the_clock_late(reason: str) -> None:
    urgent = [PriorityChange(CHANGE + HOUR * 2, 1, "urgent")]
    of = facts("high", priorities=urgent if reason == PRIORITY else [])
    policies = [] if reason == PRIORITY else [replace(OFFICE, resolution=targets(0.25))]
    found = breaches(one(RESOLUTION, of, *policies))
    assert found[0][2] == reason
