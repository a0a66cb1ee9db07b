"""Faults that users of other help desks reported, with the right values."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from workflow_service.domain.calendar import Calendar, Pause, due, elapsed, next_opening

from ..calendars import ALWAYS, CLOSED, DAILY, NIGHTS, NINE_TO_FIVE, WITH_LUNCH, WORKDAYS, at, calendar, utc

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def test_two_closed_days_inside_two_days_of_work_are_both_left_out() -> None:
    """zammad#390; the sum in the thread itself is wrong."""
    shop = calendar(DAILY, ("09:00", "21:00"), closed=["2016-11-11", "2016-11-13"])
    assert due(shop, at("2016-11-09 23:00"), 48 * HOUR) == at("2016-11-15 21:00")


def test_a_calendar_that_never_closes_loses_no_minute_at_midnight() -> None:
    """zammad#3180."""
    assert elapsed(ALWAYS, at("2026-01-26 23:30"), at("2026-01-29 00:30")) == 49 * HOUR


def test_a_ticket_of_the_night_starts_at_the_opening() -> None:
    """glpi#687, frappe#2075, frappe PR#2449."""
    assert due(NINE_TO_FIVE, at("2026-01-28 03:00"), HOUR) == at("2026-01-28 10:00")
    assert due(NINE_TO_FIVE, at("2026-01-31 12:00"), HOUR) == at("2026-02-02 10:00")


def test_a_lunch_break_does_not_count() -> None:
    """frappe#2212, chatwoot#14009."""
    assert elapsed(WITH_LUNCH, at("2026-04-07 11:30"), at("2026-04-07 15:00")) == 2 * HOUR


def test_half_an_hour_of_friday_goes_on_on_monday() -> None:
    """chatwoot PR#13392."""
    assert due(NINE_TO_FIVE, at("2026-01-30 16:30"), HOUR) == at("2026-02-02 09:30")


def test_a_night_shift_belongs_to_two_dates() -> None:
    """business_duration#7."""
    assert due(NIGHTS, at("2026-01-27 23:30"), 10 * HOUR) == at("2026-01-29 01:30")


def test_a_shift_that_ends_at_midnight_goes_on_on_the_next_day() -> None:
    """moment-business-time#52, which never ended."""
    late = calendar(DAILY, ("16:00", "24:00"))
    assert due(late, at("2026-01-26 22:00"), 121 * MINUTE) == at("2026-01-27 16:01")


def test_a_closed_calendar_ends_the_computation_and_a_long_way_is_looked_ahead() -> None:
    """businesstimedelta#9, calcom#30021."""
    assert due(CLOSED, at("2026-01-26 22:00"), MINUTE) is None
    once = calendar([], special={"2026-12-31": [("09:00", "10:00")]}, now=utc("2026-01-01 00:00"))
    assert due(once, at("2026-01-01 00:00"), MINUTE) == at("2026-12-31 09:01")


def test_the_offset_is_the_one_of_the_date() -> None:
    """dbt_zendesk#25: today's offset for a past date."""
    assert due(NINE_TO_FIVE, at("2026-07-01 09:00"), HOUR) == utc("2026-07-01 08:00")
    assert due(NINE_TO_FIVE, at("2026-12-01 09:00"), HOUR) == utc("2026-12-01 09:00")


def test_days_of_23_and_25_hours_have_their_hours() -> None:
    """grafana/oncall#3261."""
    assert elapsed(ALWAYS, at("2026-03-29 00:00"), at("2026-03-30 00:00")) == 23 * HOUR
    assert elapsed(ALWAYS, at("2026-10-25 00:00"), at("2026-10-26 00:00")) == 25 * HOUR


def test_an_hour_from_the_first_two_o_clock_is_the_second_two_o_clock() -> None:
    """moment-business-time#58."""
    found = due(ALWAYS, at("2026-10-25 02:00"), HOUR)
    assert found == at("2026-10-25 02:00", fold=1) == utc("2026-10-25 01:00")


def test_a_warning_an_hour_before_is_in_business_time() -> None:
    """glpi PR#22678, which computed 00:00."""
    office = calendar(WORKDAYS, ("08:00", "18:00"))
    assert due(office, at("2026-01-26 17:00"), 4 * HOUR - HOUR) == at("2026-01-27 10:00")


@pytest.mark.parametrize(
    ("instant", "opening"),
    [("2026-01-30 23:00", "2026-02-02 09:00"), ("2026-02-02 10:15", "2026-02-02 10:15")],
)
def test_a_reminder_of_the_night_comes_at_the_next_opening(instant: str, opening: str) -> None:
    """zammad#4432, zammad#2157."""
    assert next_opening(NINE_TO_FIVE, at(instant)) == at(opening)


@pytest.mark.parametrize("of", [NINE_TO_FIVE, ALWAYS])
def test_a_pause_over_a_weekend_takes_open_time_only(of: Calendar) -> None:
    """glpi#10594, glpi PR#14937."""
    start, pause = at("2026-01-30 15:00"), Pause(at("2026-01-30 16:00"), at("2026-02-02 10:00"))
    assert elapsed(of, pause.end or start, due(of, start, 8 * HOUR, [pause]) or start) == 7 * HOUR


def test_a_pause_before_the_end_of_work_is_cut_out_of_the_calendar() -> None:
    """frappe PR#2449, which added its length to the time of creation."""
    pause = Pause(at("2026-02-02 16:00"), at("2026-02-03 08:00"))
    assert due(NINE_TO_FIVE, at("2026-02-02 15:00"), 2 * HOUR, [pause]) == at("2026-02-03 10:00")


def test_several_pauses_in_turn_count_once_each() -> None:
    """zammad#188."""
    pauses = [
        Pause(at("2026-02-02 13:00"), at("2026-02-02 14:00")),
        Pause(at("2026-02-02 10:00"), at("2026-02-02 11:00")),
        Pause(at("2026-02-02 10:30"), at("2026-02-02 11:30")),
        Pause(at("2026-02-02 12:00"), at("2026-02-02 12:00")),
    ]
    assert due(NINE_TO_FIVE, at("2026-02-02 09:00"), 4 * HOUR, pauses) == at("2026-02-02 15:30")


def test_a_pause_without_an_end_leaves_no_due_date_but_one_before_it() -> None:
    pause = [Pause(at("2026-02-02 11:00"))]
    assert due(NINE_TO_FIVE, at("2026-02-02 09:00"), 3 * HOUR, pause) is None
    assert due(NINE_TO_FIVE, at("2026-02-02 09:00"), HOUR, pause) == at("2026-02-02 10:00")
    assert elapsed(NINE_TO_FIVE, at("2026-02-02 09:00"), at("2026-03-02 09:00"), pause) == 2 * HOUR


def test_a_time_without_an_offset_is_refused() -> None:
    naive = at("2026-02-02 11:00").replace(tzinfo=None)
    with pytest.raises(ValueError, match="offset"):
        due(NINE_TO_FIVE, naive, HOUR)


def test_a_local_time_with_an_offset_is_taken_for_its_instant() -> None:
    local = datetime(2026, 10, 25, 2, 0, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert due(ALWAYS, local, HOUR) == utc("2026-10-25 02:00")
