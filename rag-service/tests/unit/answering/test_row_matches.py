"""A row answers where every word of a question has its place in it, as a value or as the name of a column."""

from dataclasses import replace

import pytest
from rag_service.domain.document import PassageKind
from rag_service.usecases.answer import Answerer
from rag_service.usecases.results import ChatAnswer

from .passages import passage

BOATS = """\
Berth: LN-TO 117; Boat: Sirocco 27; Skipper: Marit Holm; Fuel: Diesel; Places: 6; Survey due: 2033-04-18; Moored: Pier C
Berth: LN-TO 118; Boat: Mistral dinghy; Skipper: club; Fuel: none; Places: 2; Survey due: 2032-10-02; Moored: Pier A
Berth: LN-TO 131; Boat: Bora yacht; Skipper: Ulf Kra; Fuel: Petrol; Places: 9; Survey due: 2034-05-30; Moored: Pier D"""
STAFF = """\
Name: Ebba Lind; Abteilung: Einkauf; Durchwahl: 411; Vertretung: Jonna Falk
Name: Jonna Falk; Abteilung: Werft; Durchwahl: 412; Vertretung: Ebba Lind
Name: Kai Oster; Abteilung: Werft; Durchwahl: 415; Vertretung: Runa Vik"""


def said(question: str, rows: str, name: str = "list.csv") -> list[str]:
    found = [replace(passage(rows, name, locator=""), kind=PassageKind.ROWS)]
    *_, answer = Answerer(lambda _query, _number: found).chat(question)
    assert isinstance(answer, ChatAnswer)
    return [each.text.split(" [")[0] for each in answer.sentences]


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("fuel sirocco", 0),
        ("What fuel does the Bora take?", 2),
        ("who is the skipper of the mistral", 1),
        ("Where is LN-TO 131 moored?", 2),
        ("How many people fit into the Bora?", 2),
        ("when is the survey of the dinghy due", 1),
    ],
)
def test_words_that_all_have_their_place_are_enough(question: str, row: int) -> None:
    assert said(question, BOATS) == [BOATS.splitlines()[row]]


@pytest.mark.parametrize(
    "question",
    [
        "What colour is the Sirocco?",
        "When was the Bora yacht bought?",
        "fuel levanter",
        "Where is LN-TO 119 moored?",
        "Who is the head of IT for the dinghy?",
        "How much is the insurance of LN-TO 117?",
    ],
)
def test_a_word_without_a_place_is_not(question: str) -> None:
    assert said(question, BOATS) == []


def test_a_deputys_row_does_not_tell_the_extension_of_whom_it_only_names() -> None:
    assert said("Welche Durchwahl hat Frau Lind?", STAFF) == [STAFF.splitlines()[0]]
    assert said("Welche Durchwahl hat Frau Vik?", STAFF) == []


def test_all_rows_that_match_are_told_if_they_are_few() -> None:
    assert said("Wer arbeitet in der Werft?", STAFF) == STAFF.splitlines()[1:]


FEES = """\
Grade: Grade 4; Day per term: 9,100; Day per year: 27,300; Full per term: 17,400; Full per year: 52,200
Grade: Grade 9; Day per term: 9,800; Day per year: 29,400; Full per term: 18,100; Full per year: 54,300"""


def test_a_number_is_a_value_only_as_a_whole() -> None:
    assert said("How much is full for grade 9, for the whole year?", FEES) == [FEES.splitlines()[1]]
    assert said("What are the full fees per year in 2024/27?", FEES, "fees 2024-27.xlsx") == []


ROTA = """\
Liv Dahl; Mon: N; Tue: D; Wed: –; Thu: D; Fri–Sun: N
Omar Reiss; Mon: D; Tue: –; Wed: N; Thu: N; Fri–Sun: off"""


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("Which shift does Liv have on Tuesday?", 0),
        ("Does Omar work on Thursday?", 1),
        ("is omar on duty on saturday", 1),
    ],
)
def test_a_day_of_the_question_is_the_column_of_a_rota(question: str, row: int) -> None:
    assert said(question, ROTA, "rota.html") == [ROTA.splitlines()[row]]


def test_a_rota_without_the_day_or_the_name_tells_nothing() -> None:
    week = ROTA.replace("; Fri–Sun: N", "").replace("; Fri–Sun: off", "")
    assert said("Which shift does Liv have on Sunday?", week, "rota.html") == []
    assert said("Which shift does Pia have on Tuesday?", ROTA, "rota.html") == []


def test_rows_that_only_the_names_of_columns_pick_tell_nothing() -> None:
    assert said("and what was it before? (day per term)", f"{FEES}\nGrade: Grade 10; Day per term: 9,900") == []


def test_a_name_may_begin_with_the_surname() -> None:
    people = "Name: Vogt, Mirjam; Role: accounts; Ext.: 12\nName: Keller, Sandro; Role: building; Ext.: 18"
    assert said("who does the accounts?", people) == [people.splitlines()[0]]


MENU = """\
Entry fees | Single | 14.00
Entry fees | Quad or four | 32.00
Drinks | Beer 0.33 l | 3.60
Drinks | Apple spritzer 0.5 l | 3.20
Oat milk | +0.60"""


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("entry fee for a quad", 1),
        ("how much is a beer?", 2),
        ("how much extra is oat milk", 4),
        ("Was kostet ein Beer?", 2),
    ],
)
def test_a_line_of_a_menu_has_the_price_of_its_thing(question: str, row: int) -> None:
    assert said(question, MENU, "menu.pdf") == [MENU.splitlines()[row]]


@pytest.mark.parametrize(
    "question",
    ["how much is a hot chocolate", "how much is an apple cake", "how much does the beer weigh", "is there beer?"],
)
def test_a_line_of_a_menu_has_nothing_else(question: str) -> None:
    assert said(question, MENU, "menu.pdf") == []


def test_a_rack_is_a_place() -> None:
    boats = "Boat No: B-205; Name: Birnau; Year: 2022; Rack: B4\nBoat No: B-301; Name: Mainau; Year: 2012; Rack: C1"
    assert said("where is B-205 stored?", boats) == [boats.splitlines()[0]]


def test_a_date_may_begin_with_its_day() -> None:
    rota = "Datum: Di 06.04.; Früh: Lindner; Nachtdienst: Marek\nDatum: Mi 07.04.; Früh: Seidel; Nachtdienst: Tanaka"
    assert said("Wer hat am Mittwoch Nachtdienst?", rota) == [rota.splitlines()[1]]


BIKES = """\
No.: CB-500; Model: Cargo bike Alma; 1 day: 45.00 EUR; 3 days: 120.00 EUR; 7 days: 230.00 EUR; Deposit: 300.00 EUR
No.: KB-400; Model: Kids bike Pip; 1 day: 8.00 EUR; 3 days: 20.00 EUR; 7 days: 38.00 EUR; Deposit: 30.00 EUR"""
RAEDER = """\
Nr.: LR-500; Modell: Lastenrad Alma; 1 Tag: 45,00 €; 3 Tage: 120,00 €; 7 Tage: 230,00 €; Kaution: 300,00 €
Nr.: KR-400; Modell: Kinderrad Pip; 1 Tag: 8,00 €; 3 Tage: 20,00 €; 7 Tage: 38,00 €; Kaution: 30,00 €"""


@pytest.mark.parametrize(
    ("question", "rows", "row"),
    [
        ("Was kostet das Lastenrad pro Tag?", RAEDER, 0),
        ("Was kostet LR-500 pro Tag?", RAEDER, 0),
        ("Was kostet das Kinderrad in der Woche?", RAEDER, 1),
        ("What does the cargo bike cost per day?", BIKES, 0),
        ("How much is the kids bike a week?", BIKES, 1),
        ("Preis Kinderrad", RAEDER, 1),
        ("Preis LR-500 eine Woche", RAEDER, 0),
    ],
)
def test_a_price_for_a_period_is_in_the_column_for_one(question: str, rows: str, row: int) -> None:
    assert said(question, rows) == [rows.split("\n")[row]]


@pytest.mark.parametrize(
    "question", ["Was kostet ein Tandem pro Tag?", "Was kostet LR-510 pro Tag?", "Preis Kindersitz", "Preis Tandem"]
)
def test_a_price_for_a_period_of_another_thing_is_none(question: str) -> None:
    assert said(question, RAEDER) == []


def test_a_cell_on_the_asked_day_picks_its_row() -> None:
    tours = "Tour: Lake Loop; Length: 32 km; Start: Tue 10:00\nTour: High Pass; Length: 68 km; Start: Sat 8:00"
    assert said("Which tour starts on Saturday?", tours, "tours.html") == [tours.split("\n")[1]]


FARES = """\
Ride: Night ride (45 min.); Car (EUR): 82.00; Trailer (EUR): 88.00
Ride: Motorway ride (45 min.); Car (EUR): 71.00; Trailer (EUR): 77.00"""


def test_one_more_word_does_no_harm_where_row_and_column_are_named() -> None:
    assert said("What does a motorway ride with a horse trailer cost?", FARES) == [FARES.splitlines()[1]]
    assert said("What does a motorway ride with a horse insurance cost?", FARES) == []


def test_a_column_may_be_the_beginning_of_a_word() -> None:
    bins = "Bezirk: Oberdorf; Papier: 1. Donnerstag im Monat; Biomüll: Dienstag"
    assert said("wann kommt die papiertonne im oberdorf", bins) == [bins]


def test_a_limit_is_not_how_many_there_are() -> None:
    parts = "Artikel: Näherungsschalter M12; Lagerort: Halle 2; Bestand: 22; Mindestbestand: 8; Stückpreis: 27,90"
    assert said("wie viele näherungsschalter haben wir noch", parts) == [parts]


def test_a_row_of_limits_does_not_answer_with_an_unknown_word() -> None:
    kilns = (
        "Property: Maximum temperature; Bruno: 1300 °C; Frieda: 1320 °C\nProperty: Chamber; Bruno: 190 l; Frieda: 302 l"
    )
    assert said("At what temperature may I open Bruno?", kilns) == []


ROOMS = """\
Room: Curlew; Sleeps: 5; Price per night: 118; Dogs: yes
Room: Attic; Sleeps: 7; Price per night: 140; Dogs: no"""
CONTACTS = """\
Who: Peter Voss; Does: invoices; E-mail: invoices@lakes.example
Who: Carla Benn; Does: bookings; Phone: 01539 555 201; E-mail: carla@lakes.example"""


def test_how_many_sleep_somewhere_is_asked_in_several_ways() -> None:
    for question in ("How many people can stay in the attic?", "how many can sleep in the attic"):
        assert said(question, ROOMS) == [ROOMS.splitlines()[1]]


def test_an_address_may_have_the_word_that_names_its_row() -> None:
    assert said("email for invoices", CONTACTS) == [CONTACTS.splitlines()[0]]
    assert said("phone number for invoices", CONTACTS) == []
