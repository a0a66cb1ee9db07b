"""What is computed over all rows of a table, and where nothing is."""

import pytest
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.tables.table_questions import table_question
from rag_service.domain.answering.tables.whole_table import computed, rows_of, tables

PRICES = [
    "SKU: CH-100; Product: Oslo office chair; Category: Chairs; Price EUR: 249.00; Stock: 14; Weight: 11.5 kg",
    "SKU: CH-120; Product: Bergen task chair; Category: Chairs; Price EUR: 189.00; Stock: 0; Weight: 9.8 kg",
    "SKU: DK-200; Product: Lund desk; Category: Desks; Price EUR: 1,329.00; Stock: 22; Weight: 28 kg",
    "SKU: DK-300; Product: Malmo standing desk; Category: Desks; Price EUR: 699.00; Stock: 4; Weight: 41 kg",
    "SKU: LM-010; Product: Nyx desk lamp; Category: Lamps; Price EUR: 39.90; Stock: 58; Weight: 1.1 kg",
]
ROOMS = [
    "Room: Amsel; Seats: 6; Projector: yes",
    "Room: Fink; Seats: 4; Projector: no",
    "Room: Star; Seats: 22; Projector: yes",
]
PLANS = [
    "Plan: Lite; Monthly fee: 9 EUR; Setup fee: 20 EUR",
    "Plan: Pro; Monthly fee: 19 EUR; Setup fee: 10 EUR",
]


def answered(question: str, rows: list[str], about: str = "list") -> list[int] | None:
    asked = table_question(question)
    assert asked is not None
    found = computed(asked, rows_of(rows), Words(about))
    return None if found is None else list(found.rows)


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What is our cheapest product?", 4),
        ("Which product is the most expensive?", 2),
        ("What is the cheapest desk?", 3),
        ("Which chair is the most expensive?", 0),
        ("Which product has the highest stock?", 4),
        ("What is the heaviest desk?", 3),
    ],
)
def test_the_row_with_the_highest_or_lowest_value_answers(question: str, row: int) -> None:
    assert answered(question, PRICES) == [row]


def test_of_a_kind_the_rows_of_that_kind_are_compared_not_those_that_have_its_word_in_their_name() -> None:
    assert answered("What is the lightest desk?", PRICES) == [2]


TOOLS = [
    "No.: 1; Kind: Torque wrench; Maker: Ostrava; Price: 64.5",
    "No.: 2; Kind: Torque wrench; Maker: Lindau; Price: 58",
    "No.: 3; Kind: Pipe wrench; Maker: Lindau; Price: 31.2",
    "No.: 4; Kind: Pipe wrench; Maker: Lindau; Price: 44",
    "No.: 5; Kind: Vice; Maker: Ostrava; Price: 90",
]
NAMED_TOOLS = [
    "Tool: Kolm torque wrench; Price EUR: 64.50",
    "Tool: Vesna torque wrench; Price EUR: 58.00",
    "Tool: Kolm pipe wrench; Price EUR: 31.20",
]


@pytest.mark.parametrize(
    ("question", "rows", "found"),
    [
        ("cheapest torque wrench", TOOLS, [1]),
        ("Which pipe wrench is the most expensive?", TOOLS, [3]),
        ("cheapest wrench", TOOLS, [2]),
        ("What is the cheapest torque wrench?", NAMED_TOOLS, [1]),
        ("How many pipe wrenches are from Lindau?", TOOLS, [2, 3]),
        ("How many torque wrenches are there?", TOOLS, [0, 1]),
    ],
)
def test_a_kind_may_have_several_words(question: str, rows: list[str], found: list[int]) -> None:
    assert answered(question, rows) == found


def test_a_kind_of_which_only_one_word_is_there_is_not_compared() -> None:
    assert answered("cheapest torque meter", TOOLS) is None


def test_the_largest_room_is_that_with_most_seats() -> None:
    assert answered("Which room is the largest?", ROOMS) == [2]


def test_rows_with_a_mark_and_without_it() -> None:
    assert answered("Which rooms have a projector?", ROOMS) == [0, 2]
    assert answered("Which rooms have no projector?", ROOMS) == [1]


def test_what_is_out_of_stock() -> None:
    assert answered("Which articles are out of stock?", PRICES) == [1]


def test_rows_are_counted_if_each_is_one_of_what_is_counted() -> None:
    assert answered("How many rooms do we have?", ROOMS) == [0, 1, 2]
    assert answered("How many chairs do we sell?", PRICES) == [0, 1]
    assert answered("How many rooms have a projector?", ROOMS) == [0, 2]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("How many seats does Star have?", ROOMS),
        ("How many chairs are in stock?", PRICES),
        ("How many employees do we have?", PRICES),
        ("Which sofa is the cheapest?", PRICES),
        ("Which plan is the cheapest?", PLANS),
        ("Which room is the cheapest?", ROOMS),
        ("Which product is the longest?", PRICES),
        ("What is the average price of a chair?", PRICES),
    ],
)
def test_nothing_is_computed_where_rows_or_column_are_not_plain(question: str, rows: list[str]) -> None:
    assert answered(question, rows) is None


def test_a_named_column_of_two_is_compared() -> None:
    assert answered("Which plan has the lowest setup fee?", PLANS) == [1]


def test_values_in_different_units_are_not_compared() -> None:
    rows = ["Item: Nail; Weight: 900 g", "Item: Saw; Weight: 2 kg"]
    assert answered("Which item is the heaviest?", rows) is None


def test_a_mark_that_may_be_of_thousands_or_decimals_decides_nothing() -> None:
    unclear = ["Lager: Nord; Fläche: 1.450", "Lager: Süd; Fläche: 950"]
    assert answered("Welches Lager ist das größte?", unclear) is None
    clear = ["Lager: Nord; Fläche: 1.450", "Lager: Süd; Fläche: 1.200"]
    assert answered("Welches Lager ist das größte?", clear) == [0]


def test_rows_that_share_most_columns_are_one_table() -> None:
    texts = [*ROOMS, "Room: Meise; Seats: 12", "Branch: York; Opens: 10:00"]
    made = tables(list(enumerate(texts)))
    assert [places for places, _ in made] == [[0, 1, 2, 3], [4]]
