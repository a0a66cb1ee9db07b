"""Days and ranges of days, in the ways in which tables and questions write them."""

import pytest
from rag_service.domain.answering.values.calendar_days import Days, day_ranges, days_named, only_day


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("High season 16 Jun – 31 Aug", (6, 16), (8, 31)),
        ("16.06.–31.08.", (6, 16), (8, 31)),
        ("12–16 February", (2, 12), (2, 16)),
        ("April to October", (4, 1), (10, 31)),
        ("vom 1. November bis 15. März", (11, 1), (3, 15)),
        ("Mon 3 Jan 2028 - Sun 9 Jan 2028", (1, 3), (1, 9)),
    ],
)
def test_a_range_has_a_first_and_a_last_day(text: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    assert list(day_ranges(text)) == [Days(first, last)]


def test_a_range_may_go_over_the_end_of_the_year() -> None:
    winter = Days((11, 1), (3, 15))
    assert winter.holds((12, 24))
    assert winter.holds((2, 1))
    assert not winter.holds((7, 1))


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("who is on duty on 12 January", Days((1, 12), (1, 12))),
        ("wer hat am 12.1. Dienst", Days((1, 12), (1, 12))),
        ("how much is a tent in July", Days((7, 1), (7, 31))),
        ("un mobil-home en juillet", Days((7, 1), (7, 31))),
    ],
)
def test_a_question_names_a_day_or_a_month(question: str, days: Days) -> None:
    assert [each for _, each in days_named(question)] == [days]


@pytest.mark.parametrize(
    ("value", "day"),
    [("Mon 10 Jan 2028", (1, 10)), ("2028-01-12", (1, 12)), ("Di 06.04.", (4, 6)), ("3.50", None), ("31.31.", None),
     ("out of order since 2 February", None)],
)  # fmt: skip
def test_a_cell_may_be_a_day_and_nothing_else(value: str, day: tuple[int, int] | None) -> None:
    assert only_day(value) == day
