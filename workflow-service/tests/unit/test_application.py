"""The clocks that another policy moves."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from workflow_service.domain.application import MovedClock, moved_clocks
from workflow_service.domain.clocks import FIRST_RESPONSE, RESOLUTION, clocks_of
from workflow_service.domain.facts import Comment, Facts
from workflow_service.domain.policy import POLICY, Policy, PolicyChange

from ..calendars import ALWAYS, utc
from .test_clock_properties import histories, instants

HOUR = timedelta(hours=1)
START = utc("2026-02-02 09:00")
NOW = START + 3 * HOUR
TARGETS = {"urgent": HOUR, "high": 8 * HOUR, "medium": 16 * HOUR, "low": 24 * HOUR}
RESPONSE = {"urgent": HOUR / 2, "high": 4 * HOUR, "medium": 5 * HOUR, "low": 6 * HOUR}
WHOLE = Policy(ALWAYS, TARGETS, RESPONSE)


def moved(facts: Facts, policy: Policy) -> list[MovedClock]:
    return moved_clocks(clocks_of(facts, WHOLE), clocks_of(facts, WHOLE, [PolicyChange(NOW, policy)]), NOW)


def test_an_equal_policy_moves_nothing() -> None:
    assert moved(Facts(START, "high"), WHOLE) == []


def test_each_clock_that_moves_is_named_with_both_due_dates() -> None:
    found = moved(Facts(START, "high"), Policy(ALWAYS, TARGETS | {"high": 2 * HOUR}, RESPONSE))
    assert found == [MovedClock(RESOLUTION, "", START + 8 * HOUR, START + 2 * HOUR, is_breached=True)]


def test_a_clock_whose_target_is_taken_away_has_no_new_due_date() -> None:
    found = moved(Facts(START, "high"), Policy(ALWAYS, TARGETS))
    assert found == [MovedClock(FIRST_RESPONSE, "", START + 4 * HOUR, None, is_breached=False)]


def test_an_ended_clock_does_not_move() -> None:
    answered = Facts(START, "high", comments=[Comment(START + HOUR, "agent")])
    assert moved(answered, Policy(ALWAYS, TARGETS, dict.fromkeys(TARGETS, HOUR / 4))) == []


@settings(deadline=None)
@given(histories, instants, st.sampled_from([0.25, 0.5, 2]))
def test_every_clock_that_would_be_breached_at_once_is_named(facts: Facts, now: object, factor: float) -> None:
    shorter = Policy(ALWAYS, {name: target * factor for name, target in TARGETS.items()}, RESPONSE)
    after = clocks_of(facts, WHOLE, [PolicyChange(now, shorter)])  # type: ignore[arg-type]
    found = moved_clocks(clocks_of(facts, WHOLE), after, now)  # type: ignore[arg-type]
    breached = [clock.kind for clock in after for breach in clock.breaches
                if breach.reason == POLICY and breach.at == now]  # fmt: skip
    assert [each.clock for each in found if each.is_breached] == breached
