"""The period of which a question asks the price, and the columns for it."""

import pytest
from rag_service.domain.answering.language.word_match import asked_words
from rag_service.domain.answering.tables.asked_period import asked_period, is_for_period


@pytest.mark.parametrize(
    ("question", "period"),
    [
        ("What does a canoe cost per day?", "day"),
        ("How much is it for one week?", "week"),
        ("Was kostet das Kanu am Tag?", "day"),
        ("Was kostet das Kanu für eine Woche?", "week"),
        ("Combien coûte le canoë par jour ?", "day"),
        ("What is the daily rate?", "day"),
        ("what does a canoe cost for a whole day", "day"),
        ("un canoë pour une journée entière", "day"),
        ("How much is it for three days?", None),
        ("Which days are free?", None),
    ],
)
def test_the_period_of_a_price(question: str, period: str | None) -> None:
    assert asked_period(question) == period


@pytest.mark.parametrize(
    ("column", "period", "fits"),
    [
        ("1 Tag", "day", True),
        ("per day", "day", True),
        ("Day", "day", True),
        ("Full day", "day", True),
        ("Half day", "day", False),
        ("Journée", "day", True),
        ("7 Tage", "week", True),
        ("3 Tage", "day", False),
        ("Day of delivery", "day", False),
        ("Deposit", "day", False),
        ("1 week", "day", False),
    ],
)
def test_a_column_for_a_period_is_named_by_it_alone(column: str, period: str, fits: bool) -> None:
    assert is_for_period(column, period) is fits


def test_pro_is_a_name_but_where_something_is_measured() -> None:
    assert "pro" not in asked_words("Was kostet das Kanu pro Tag?")
    assert "pro" in asked_words("Was kostet der Plan Pro pro Monat?")
