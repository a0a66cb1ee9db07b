"""Clocks against a simulation that counts minute by minute, and properties of any history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_service.domain.clocks import DUE, RESOLUTION, STEP, Clock, clocks_of
from workflow_service.domain.facts import Comment, Facts, PriorityChange, StatusChange, StepVisit
from workflow_service.domain.policy import Policy

from ..calendars import ALWAYS, WITH_LUNCH, at

in_its_own_time = settings(deadline=None)
MINUTE = timedelta(minutes=1)
START = at("2026-02-02 09:00")
DAYS = 3
TARGETS = {"urgent": 60 * MINUTE, "high": 150 * MINUTE, "medium": 400 * MINUTE, "low": 900 * MINUTE}
POLICIES = [Policy(calendar, TARGETS, TARGETS) for calendar in (WITH_LUNCH, ALWAYS)]

instants = st.integers(-60, DAYS * 1440 - 1).map(lambda minute: START + minute * MINUTE)
statuses = st.builds(
    StatusChange,
    instants,
    st.integers(1, 9),
    st.sampled_from(["pending", "in_progress", "on_hold", "resolved", "closed"]),
)
priorities = st.builds(PriorityChange, instants, st.integers(1, 9), st.sampled_from(sorted(TARGETS)))
comments = st.builds(Comment, instants, st.sampled_from(["requester", "agent", "machine"]), st.booleans())


def by_time(change: StatusChange | PriorityChange) -> datetime:
    return change.at


histories = st.builds(
    Facts,
    st.just(START),
    st.sampled_from(sorted(TARGETS)),
    st.lists(priorities, max_size=4, unique_by=by_time),
    st.lists(statuses, max_size=7, unique_by=by_time),
    st.lists(comments, max_size=5),
    st.just((StepVisit("One", START, 0.5),)),
)
policies = st.sampled_from(POLICIES)


def open_minute(policy: Policy, minute: int) -> bool:
    """Return whether the office with a lunch break is open; the other calendar always is."""
    if policy.calendar is ALWAYS:
        return True
    wall = (9 * 60 + minute) % 1440
    return 480 <= wall < 720 or 810 <= wall < 1080


def value_at(changes: Sequence[StatusChange | PriorityChange], instant: datetime, first: str) -> str:
    """Return the value of the last change up to an instant."""
    past = sorted((change for change in changes if change.at <= instant), key=by_time)
    if not past:
        return first
    last = past[-1]
    return last.status if isinstance(last, StatusChange) else last.priority


def simulated(facts: Facts, policy: Policy) -> set[datetime]:
    """Return when the resolution is breached within three days, counted minute by minute."""
    passed, late, breached = timedelta(), False, set()
    for minute in range(DAYS * 1440):
        instant = START + minute * MINUTE
        stands = value_at(facts.statuses, instant, "pending") in ("on_hold", "resolved", "closed")
        over = passed >= policy.resolution[value_at(facts.priorities, instant, facts.priority)]
        if not over:
            late = False
        elif not late and not stands:
            late = True
            breached.add(instant)
        if not stands and open_minute(policy, minute):
            passed += MINUTE
    return breached


def resolution(facts: Facts, policy: Policy) -> Clock:
    (found,) = (clock for clock in clocks_of(facts, policy) if clock.kind == RESOLUTION)
    return found


@in_its_own_time
@given(histories, policies)
def test_the_resolution_is_breached_where_a_simulation_of_the_minutes_breaches_it(facts: Facts, policy: Policy) -> None:
    found = resolution(facts, policy)
    within = {breach.at for breach in found.breaches if breach.at < START + DAYS * 1440 * MINUTE}
    again = simulated(facts, policy)
    # A priority that goes and comes back has the same due date, which is breached once.
    assert within <= again
    assert len(again) - len(within) <= max(len(facts.priorities) - 1, 0)
    assert (not within) == (not again)


@in_its_own_time
@given(histories, policies, st.randoms(use_true_random=False))
def test_the_order_of_arrival_changes_nothing(facts: Facts, policy: Policy, chance: object) -> None:
    mixed = replace(
        facts,
        priorities=sorted(facts.priorities, key=repr, reverse=True),
        statuses=sorted(facts.statuses, key=repr),
        comments=sorted(facts.comments, key=repr, reverse=True),
    )
    assert clocks_of(mixed, policy) == clocks_of(facts, policy)


@in_its_own_time
@given(histories, policies)
def test_every_clock_is_consistent(facts: Facts, policy: Policy) -> None:
    for clock in clocks_of(facts, policy):
        dues = [breach.due_at for breach in clock.breaches]
        assert len(dues) == len(set(dues))
        assert all(breach.at >= breach.due_at for breach in clock.breaches)
        assert all(breach.at < clock.ended_at for breach in clock.breaches if clock.ended_at is not None)
        assert clock.due_at is None or clock.warn_at is None or clock.warn_at <= clock.due_at
        assert clock.target <= max(TARGETS.values())


@in_its_own_time
@given(histories, policies)
def test_clocks_of_a_kind_have_different_openings(facts: Facts, policy: Policy) -> None:
    keys = [(clock.kind, clock.opened_at) for clock in clocks_of(facts, policy)]
    assert len(keys) == len(set(keys))


@in_its_own_time
@given(histories, policies, instants)
def test_a_fact_after_the_due_date_takes_no_breach_back(facts: Facts, policy: Policy, instant: datetime) -> None:
    before = resolution(facts, policy)
    declared = [breach for breach in before.breaches if breach.at < instant]
    late = replace(facts, statuses=[*facts.statuses, StatusChange(instant, 10, "resolved")])
    if all(change.at < instant for change in facts.statuses):
        assert [breach for breach in resolution(late, policy).breaches if breach.at < instant] == declared


@in_its_own_time
@given(histories, policies)
def test_a_step_of_half_the_weight_is_due_before_the_resolution(facts: Facts, policy: Policy) -> None:
    (step,) = (clock for clock in clocks_of(facts, policy) if clock.kind == STEP)
    whole = resolution(facts, policy)
    assert step.target == whole.target / 2
    if step.due_at is not None and whole.due_at is not None:
        assert step.due_at <= whole.due_at
    assert all(breach.reason == DUE for breach in step.breaches if breach.at == breach.due_at)


@in_its_own_time
@given(histories, policies)
def test_without_warnings_a_clock_is_the_same_but_for_its_warning(facts: Facts, policy: Policy) -> None:
    without = clocks_of(facts, policy, with_warnings=False)
    assert without == [replace(clock, warn_at=None) for clock in clocks_of(facts, policy)]
