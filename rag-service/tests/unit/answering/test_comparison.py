"""Questions that compare two rows are answered with both."""

import pytest
from rag_service.domain.answering.tables.comparison import alternatives

from .test_extraction import extracted, table

PARTS = table(
    "No: T1; Article: Cartridge 5 micron 10 inch; Price EUR: 7,80; Delivery (days): 2\n"
    "No: T2; Article: Cartridge 20 micron 10 inch; Price EUR: 6,95; Delivery (days): 12\n"
    "No: T4; Article: Cartridge 5 micron 20 inch; Price EUR: 1.013,40; Delivery (days): 5\n"
    "No: T6; Article: Controller S2; Price EUR: 1.429,00; Delivery (days): 9\n"
    "No: T7; Article: Controller S4; Price EUR: 998,00; Delivery (days): 9"
)


@pytest.mark.parametrize(
    ("question", "pair"),
    [
        ("Which is cheaper, the 5 micron or the 20 micron cartridge in 10 inch?",
         (("5", "micron", "cartridge", "10", "inch"), ("20", "micron", "cartridge", "10", "inch"))),
        ("Is the pump seal 25 mm or 40 mm cheaper?", (("pump", "seal", "25", "mm"), ("pump", "seal", "40", "mm"))),
        ("What is the difference between lamp A1 and lamp B2?", (("lamp", "a1"), ("lamp", "b2"))),
        ("Was ist teurer, Motor X2 oder Motor Y2?", (("motor", "x2"), ("motor", "y2"))),
        ("Do I need a form or a letter?", None),
        ("Which pump is cheaper?", None),
    ],
)  # fmt: skip
def test_a_question_names_the_two_things_that_it_compares(
    question: str, pair: tuple[tuple[str, ...], tuple[str, ...]] | None
) -> None:
    assert alternatives(question) == pair


@pytest.mark.parametrize(
    ("question", "articles", "note"),
    [
        ("Which is cheaper, the 5 micron or the 20 micron cartridge in 10 inch?", ["5 micron 10", "20 micron 10"],
         "Price EUR 6,95 (Cartridge 20 micron 10 inch) is lower than 7,80."),
        ("Is the cartridge 5 micron 10 inch or 20 inch more expensive?", ["5 micron 10", "5 micron 20"],
         "Price EUR 7,80 (Cartridge 5 micron 10 inch) is lower than 1.013,40."),
        ("Is the controller S2 or S4 cheaper?", ["S2", "S4"],
         "Price EUR 998,00 (Controller S4) is lower than 1.429,00."),
        ("Which delivery takes longer, of the 5 micron 10 inch or the 20 micron 10 inch?",
         ["5 micron 10", "20 micron 10"], "Delivery (days) 2 (Cartridge 5 micron 10 inch) is lower than 12."),
        ("Which is better, controller S2 or S4?", ["S2", "S4"], None),
    ],
)  # fmt: skip
def test_both_rows_are_quoted_and_the_lower_value_named(question: str, articles: list[str], note: str | None) -> None:
    found = extracted(question, [PARTS], least=0.4)
    assert len(found.cited) == len(articles)
    assert all(article in each.text for article, each in zip(articles, found.cited, strict=True))
    assert found.notes == ((note,) if note else ())


def test_where_one_of_the_two_is_missing_no_comparison_is_made() -> None:
    found = extracted("Which is cheaper, controller S2 or S9?", [PARTS], least=0.4)
    assert found.notes == ()
    assert len(found.cited) < 2


def test_values_in_different_units_are_not_compared() -> None:
    rows = table("City: Ostra; Limit per night: 165 GBP\nCity: Tarholm; Limit per night: 170 EUR")
    found = extracted("Is the limit higher in Ostra or in Tarholm?", [rows], least=0.4)
    assert [each.text.split(";")[0] for each in found.cited] == ["City: Ostra", "City: Tarholm"]
    assert found.notes == ()
