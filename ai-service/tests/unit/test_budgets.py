"""Whether a company may make another paid call."""

from decimal import Decimal

from ai_service.domain.cascade_settings import CascadeSettings, Spending
from ai_service.usecases.spend_tracker import SpendTracker


def test_a_budget_is_reached_not_passed() -> None:
    settings = CascadeSettings(daily_budget_usd=Decimal("0.000100"), monthly_budget_usd=Decimal("0.001"))
    assert settings.allows_paid_calls(Spending("2026-11-21", Decimal(99), Decimal(999)))
    assert not settings.allows_paid_calls(Spending("2026-11-21", Decimal(100), Decimal(100)))
    assert not settings.allows_paid_calls(Spending("2026-11-21", Decimal(0), Decimal(1000)))


def test_calls_count_once_before_and_after_they_are_in_the_ledger() -> None:
    tracker, before = SpendTracker(), Spending("2026-11-21", Decimal(5), Decimal(9))
    tracker.record(1, before, Decimal(2))
    assert tracker.current(1, before) == Spending("2026-11-21", Decimal(7), Decimal(11))
    assert tracker.current(1, Spending("2026-11-21", Decimal(7), Decimal(11))).today == 7
    assert tracker.current(1, Spending("2026-11-21", Decimal(30), Decimal(34))).today == 30
    assert tracker.current(2, before) == before


def test_a_new_day_begins_with_the_ledger_and_the_month_goes_on() -> None:
    tracker = SpendTracker()
    tracker.record(1, Spending("2026-11-29"), Decimal(2))
    assert tracker.current(1, Spending("2026-11-30")) == Spending("2026-11-30", Decimal(0), Decimal(2))
    assert tracker.current(1, Spending("2026-12-01")) == Spending("2026-12-01")
