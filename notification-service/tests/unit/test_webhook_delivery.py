"""What follows the tries of a webhook."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from notification_service.domain.webhook_delivery import Health, Next, Outcome, Policy, State, after

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PAUSES = (5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)
POLICY = Policy(PAUSES, 5, 30.0, timedelta(days=5), 4, 2)


def then(
    status: int | None, *, step: int = 0, failures: int = 0, since: datetime | None = None, is_probe: bool = False,
    luck: float = 0.0, retry_after: float | None = None, policy: Policy = POLICY,
) -> Next:  # fmt: skip
    outcome = Outcome(status, retry_after=retry_after)
    return after(outcome, Health(failures, since), step, is_probe=is_probe, now=NOW, policy=policy, luck=luck)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_success_delivers_and_forgets_the_failures(status: int) -> None:
    found = then(status, step=3, failures=9, since=NOW - timedelta(days=9))
    assert (found.state, found.health, found.paused_until, found.disabled_reason) == (
        State.DELIVERED, Health(), None, "",
    )  # fmt: skip


@pytest.mark.parametrize("status", [None, 100, 301, 302, 307, 400, 401, 404, 422, 500])
def test_anything_else_is_a_failure_and_tried_again(status: int | None) -> None:
    found = then(status)
    assert (found.state, found.at, found.step) == (State.PENDING, NOW + timedelta(seconds=5), 1)
    assert (found.health, found.paused_until) == (Health(1, NOW), None)


def test_a_message_is_tried_ten_times_over_seventy_five_hours() -> None:
    at, step, tries = NOW, 0, 1
    while True:
        found = then(500, step=step)
        if found.state is State.FAILED:
            break
        assert found.at is not None
        at, step, tries = at + (found.at - NOW), found.step, tries + 1
    assert tries == 10
    assert at - NOW == timedelta(hours=75, minutes=35, seconds=5)


def test_pauses_differ_a_little_so_that_retries_come_apart() -> None:
    early, late = then(500, step=1, luck=-1.0), then(500, step=1, luck=1.0)
    assert (early.at, late.at) == (NOW + timedelta(seconds=270), NOW + timedelta(seconds=330))


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ({"status": 429, "retry_after": 120.0}, 120),
        ({"status": 503, "retry_after": 10.0**9}, 3600),
        ({"status": 500, "retry_after": 7.0}, 7),
        ({"status": 429}, 30),
        ({"status": 502}, 30),
        ({"status": 503}, 30),
        ({"status": 504}, 30),
        ({"status": 429, "retry_after": 0.0, "failures": 4}, 30),
        ({"status": 500, "failures": 4}, 30),
        ({"status": 500, "failures": 3}, None),
    ],
)
def test_a_receiver_that_has_too_much_to_do_is_left_alone(given: dict[str, Any], seconds: int | None) -> None:
    found = then(**given).paused_until
    assert found == (None if seconds is None else NOW + timedelta(seconds=seconds))


def test_a_probe_takes_no_step_and_goes_behind_the_others() -> None:
    found = then(None, step=9, failures=50, is_probe=True)
    assert (found.state, found.step, found.at) == (State.PENDING, 9, NOW + timedelta(seconds=30))
    assert found.paused_until == NOW + timedelta(seconds=30)


def test_gone_for_good_switches_off_at_once_and_keeps_what_waits() -> None:
    found = then(410)
    assert (found.state, "410" in found.disabled_reason) == (State.PENDING, True)


def test_five_days_without_a_success_switch_off() -> None:
    since = NOW - timedelta(days=5)
    assert "2026-11-25 12:00" in then(500, failures=9, since=since, is_probe=True).disabled_reason
    assert not then(500, failures=9, since=since + timedelta(seconds=1)).disabled_reason
    assert not then(200, failures=9, since=since).disabled_reason
    assert then(500, since=NOW, policy=replace(POLICY, disable_after=timedelta(0))).disabled_reason


def test_a_success_after_a_while_of_failures_makes_due_what_waits() -> None:
    def is_back(**given: Any) -> bool:
        return then(200, **given).is_back

    assert is_back(failures=5, since=NOW)
    assert is_back(failures=1, since=NOW - timedelta(seconds=30))
    # One message fails among others that don't: its pauses stay as they are.
    assert not is_back(failures=1, since=NOW - timedelta(seconds=29))
    assert not is_back()
