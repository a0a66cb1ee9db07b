"""Durations of business time."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_service.domain.duration import BadDuration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT8H", 28_800), ("PT30M", 1_800), ("PT1H30M", 5_400), ("PT45S", 45), ("PT90M", 5_400), ("PT0H2S", 2),
     ("PT8760H", 31_536_000)],
)  # fmt: skip
def test_hours_minutes_and_seconds_are_taken(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("P2D", "working day"), ("P1M", "working day"), ("P1W", "working day"), ("P1DT2H", "working day"),
        ("P1Y2M", "working day"), ("-PT1H", "negative"), ("+PT1H", "sign"), ("PT0S", "longer than zero"),
        ("PT0H0M", "longer than zero"), ("PT8760H1S", "one year"), ("PT999999999H", "one year"), ("P", "such as"),
        ("PT", "such as"), ("", "such as"), ("8H", "such as"), ("pt8h", "such as"), ("PT1.5H", "such as"),
        ("PT1,5H", "such as"), ("PT30M1H", "such as"), ("PT8H ", "such as"), ("PT8H\n", "such as"),
        ("PT\u0668H", "such as"), ("PT8H8H", "such as"), ("2026-W01-1", "such as"),
        ("PT" + "9" * 10_000 + "H", "such as"),
    ],
)  # fmt: skip
def test_everything_else_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(BadDuration, match=reason):
        parse_duration(text)


@given(st.integers(1, 31_536_000))
def test_a_written_duration_reads_as_the_same(seconds: int) -> None:
    assert parse_duration(format_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@given(st.text("PTHMSDWY0123456789-+., \n\u0668", max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    with suppress(BadDuration):
        assert timedelta() < parse_duration(text) <= timedelta(hours=8_760)
