"""Amounts of questions, and the ranges of tables that hold them."""

from math import inf

import pytest
from rag_service.domain.answering.values.amount_ranges import AmountRange, amount_ranges, asked_amounts


@pytest.mark.parametrize(
    ("question", "kind", "value"),
    [
        ("Paket mit 7 kg nach Wien", "kg", 7),
        ("a parcel of 800 g", "kg", 0.8),
        ("Can my six year old join?", "year", 6),
        ("un enfant de six ans", "year", 6),
        ("a hut for five people", "person", 5),
        ("wir sind 4, welches Zelt passt?", "person", 4),
        ("approval of £800", "money", 800),
        ("Ich bin 19, darf ich mitmachen?", "year", 19),
        ("Was zahlt mein Sohn (12)?", "year", 12),
        ("lunch for year 4", "year", 4),
        ("12-jährige", "year", 12),
        ("storage of 10 square metres", "m2", 10),
        ("a lorry for 1,200 kg", "kg", 1200),
    ],
)
def test_an_amount_has_its_unit_and_value(question: str, kind: str, value: float) -> None:
    assert [(each.kind, each.value) for each in asked_amounts(question)] == [(kind, value)]


@pytest.mark.parametrize("question", ["Where is room 12?", "at 8 am", "on 12.5.2030", "100 % cotton", "KB-12"])
def test_another_number_is_no_amount(question: str) -> None:
    assert asked_amounts(question) == ()


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("bis 10 kg", "", AmountRange("kg", -inf, 10)),
        ("up to 4", "Persons", AmountRange("person", -inf, 4)),
        ("Child 6–14 years", "", AmountRange("year", 6, 14)),
        ("Child under 6", "", AmountRange("year", -inf, 6, with_high=False)),
        ("über 15 km", "", AmountRange("km", 15, inf, with_low=False)),
        ("7–11", "Ages", AmountRange("year", 7, 11)),
        ("Juniors (Years 3–6)", "", AmountRange("year", 3, 6)),
        ("£301–£1,500", "", AmountRange("money", 301, 1500)),
        ("6 hours and more", "", AmountRange("hour", 6, inf)),
        ("65+", "Age", AmountRange("year", 65, inf)),
        ("Enfants (6–12 ans)", "", AmountRange("year", 6, 12)),
    ],
)
def test_a_range_has_its_ends(text: str, name: str, found: AmountRange) -> None:
    assert amount_ranges(text, name) == (found,)


@pytest.mark.parametrize(("text", "name"), [("7.45 – 8.40", "Time"), ("12–16 February", ""), ("KB 3-5", "Code")])
def test_times_days_and_codes_are_no_ranges_of_amounts(text: str, name: str) -> None:
    assert amount_ranges(text, name) == ()


def test_the_ends_belong_to_a_range_unless_its_words_exclude_them() -> None:
    [six] = asked_amounts("6 years")
    assert AmountRange("year", 6, 14).holds(six)
    assert not AmountRange("year", -inf, 6, with_high=False).holds(six)
    assert not AmountRange("person", 6, 14).holds(six)


@pytest.mark.parametrize(
    ("question", "kind", "value"),
    [
        ("Which boat sleeps eight?", "person", 8),
        ("If I order 50 mugs, what do they cost?", "piece", 50),
        ("and 150 of them?", "piece", 150),
        ("I need 300 badges", "piece", 300),
    ],
)
def test_a_number_of_guests_or_things_is_an_amount(question: str, kind: str, value: float) -> None:
    assert [(each.kind, each.value) for each in asked_amounts(question)] == [(kind, value)]


@pytest.mark.parametrize("question", ["room 12 price", "is it open at 8?", "What is in 2029?", "un enfant"])
def test_a_number_of_a_room_a_time_or_an_article_is_none(question: str) -> None:
    assert not [each for each in asked_amounts(question) if each.kind == "piece"]


def test_a_bare_number_of_beds_is_room_for_as_many() -> None:
    assert [(each.kind, each.high) for each in amount_ranges("8", "Beds")] == [("person", 8)]
    assert amount_ranges("8", "Rooms") == ()
