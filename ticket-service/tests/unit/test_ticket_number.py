"""The number of a ticket that people quote."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ticket_service.domain.ticket_number import NumberParts, parse_number, ticket_number

TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2120, 1, 1), timezones=st.just(UTC))


def test_it_is_the_day_in_utc_and_six_digits_of_the_id() -> None:
    made = datetime(2026, 11, 21, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    assert ticket_number(made, 42) == "TX20261120000042"
    assert ticket_number(made, 7_000_042) == "TX20261120000042"
    assert ticket_number(made, 999_999) == "TX20261120999999"


@given(TIMES, st.integers(1, 2**63 - 1_000_000), st.integers(1, 999_999))
def test_a_million_tickets_in_a_row_have_different_numbers(made: datetime, first: int, apart: int) -> None:
    assert ticket_number(made, first) != ticket_number(made, first + apart)


@given(TIMES, st.integers(1, 2**63 - 1), st.sampled_from([str.upper, str.lower, lambda text: f" {text}\n"]))
def test_a_number_is_found_again(made: datetime, ticket_id: int, spelled: "object") -> None:
    number = spelled(ticket_number(made, ticket_id))  # type: ignore[operator]
    assert parse_number(number) == NumberParts(made.date(), ticket_id % 1_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TX",
        "42",
        "TX2026112000004",
        "TX202611200000421",
        "TX20261320000042",
        "AX20261120000042",
        "TX²0261120000042",
    ],
)
def test_every_other_text_is_no_number(text: str) -> None:
    assert parse_number(text) is None


def test_the_last_day_of_february_is_a_day_in_leap_years_alone() -> None:
    assert parse_number("TX20280229000001") == NumberParts(date(2028, 2, 29), 1)
    assert parse_number("TX20260229000001") is None
