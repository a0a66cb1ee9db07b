"""What a company may still spend."""

from decimal import Decimal

from ai_service.domain.ladder_settings import LadderSettings, Spent
from ai_service.usecases.purse import Purse


def test_a_budget_is_reached_not_passed() -> None:
    wishes = LadderSettings(daily_budget_usd=Decimal("0.000100"), monthly_budget_usd=Decimal("0.001"))
    assert wishes.affords(Spent("2026-11-21", Decimal(99), Decimal(999)))
    assert not wishes.affords(Spent("2026-11-21", Decimal(100), Decimal(100)))
    assert not wishes.affords(Spent("2026-11-21", Decimal(0), Decimal(1000)))


def test_calls_count_before_the_ledger_tells_of_them_and_once_when_it_does() -> None:
    purse, before = Purse(), Spent("2026-11-21", Decimal(5), Decimal(9))
    purse.pay(1, before, Decimal(2))
    assert purse.spent(1, before) == Spent("2026-11-21", Decimal(7), Decimal(11))
    assert purse.spent(1, Spent("2026-11-21", Decimal(7), Decimal(11))).today == 7
    assert purse.spent(1, Spent("2026-11-21", Decimal(30), Decimal(34))).today == 30
    assert purse.spent(2, before) == before


def test_a_new_day_begins_with_what_the_ledger_says_and_the_month_goes_on() -> None:
    purse = Purse()
    purse.pay(1, Spent("2026-11-29"), Decimal(2))
    assert purse.spent(1, Spent("2026-11-30")) == Spent("2026-11-30", Decimal(0), Decimal(2))
    assert purse.spent(1, Spent("2026-12-01")) == Spent("2026-12-01")
