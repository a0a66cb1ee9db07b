"""Whether a row that a question names has what is asked."""

import pytest
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.tables.asked_cell import asked_cell

KEYBOARD = "SKU: KB-10; Name: Keyboard slim; Price: 39,90 €; Weight: 640 g; Stock: 12"
ROOM = "Room: A-204; Seats: 12; Floor: second floor; Owner: Mira Holm; Key: S-77"
FAN = "KX-500 | Ventilator | 49,00 EUR | 12 kg | Regal B4"
PERSON = "Name: Lena Voss; Abteilung: Einkauf; Durchwahl: 4417; Büro: Köln"
PLAN = "Plan: Borealis; Users: 40; Monthly fee: 19.00 CHF"


def test_a_name_in_the_genitive_identifies_a_row() -> None:
    row = "Name: Tünte, Lars; Function: Fitter; Mobile: 06 5550 1858"
    assert asked_cell(row, "What's Lars Tünte's mobile number?", Words("a list"), {}).identified


def fits(question: str, row: str) -> float:
    found = asked_cell(row, question, Words("a list"), {})
    assert found.identified
    return found.fits


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How much is the KB-10?", KEYBOARD),
        ("How many grams does KB-10 weigh?", KEYBOARD),
        ("How many KB-10 do we still have?", KEYBOARD),
        ("My scanner shows KB 10, what is that?", KEYBOARD),
        ("Combien coûte le KB-10 ?", KEYBOARD),
        ("¿Cuánto pesa KB-10?", KEYBOARD),
        ("Which key opens A-204?", ROOM),
        ("Who looks after room A-204?", ROOM),
        ("How many people fit in A-204?", ROOM),
        ("Was kostet KX-500?", FAN),
        ("Wie viel wiegt der KX-500?", FAN),
        ("In welcher Abteilung arbeitet Lena Voss?", PERSON),
        ("What does the Borealis plan cost a month?", PLAN),
    ],
)
def test_a_cell_of_the_asked_kind_answers_however_its_column_is_called(question: str, row: str) -> None:
    assert fits(question, row) == 1


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("What colour is the KB-10?", KEYBOARD),
        ("How long is the warranty of the KB-10?", KEYBOARD),
        ("Who makes KB-10?", KEYBOARD),
        ("What does A-204 cost per day?", ROOM),
        ("Is there a projector in A-204?", ROOM),
        ("Welche Farbe hat KX-500?", FAN),
        ("Wann hat Lena Voss Geburtstag?", PERSON),
        ("What is the setup fee of the Borealis plan?", PLAN),
    ],
)
def test_a_row_without_such_a_cell_does_not(question: str, row: str) -> None:
    assert fits(question, row) == 0


def test_a_row_of_another_thing_is_not_the_one_that_is_named() -> None:
    assert not asked_cell(KEYBOARD, "How much is the KB-101?", Words(""), {}).identified
    assert not asked_cell(PERSON, "What is the extension of Lena Vogt?", Words(""), {}).identified


@pytest.mark.parametrize("column", ["Stückpreis 1–4", "Monatsmiete", "Jahresbeitrag", "Grundgebühr"])
def test_a_column_for_money_may_be_one_word(column: str) -> None:
    assert fits("What is the price of TS-130?", f"Art.-Nr.: TS-130; {column}: 24.00; Gebinde: 10 kg") == 1


def test_how_hot_is_a_temperature() -> None:
    assert fits("How hot may I fire TI-20?", "Art.-Nr.: TI-20; Gebinde: 12 kg; Brennbereich °C: 1000–1100") == 1
