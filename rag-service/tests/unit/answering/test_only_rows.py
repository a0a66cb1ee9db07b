"""Rows that answer because no other has what the question names."""

import pytest
from rag_service.domain.answering.matches.only_rows import only_row
from rag_service.domain.answering.units.assessed_passage import AssessedPassage, AssessedUnit
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.units import units_of
from rag_service.domain.passage import Passage
from rag_service.usecases.assess_passages import safe_sentences_of

from .passages import passage
from .test_extraction import table

VALVES = "Article: Ball valve DN20; Stock: 22; Minimum stock: 8; Shelf: B2"
PUMPS = "Article: Pump P4; Stock: 3; Minimum stock: 1; Shelf: B4"
KAYAK = "Boat No: K-07; Name: Seeadler; Year: 2014; Rack: B1; Allowed for: members with a badge"
CANOE = "Boat No: K-08; Name: Otter; Year: 2019; Rack: B2; Allowed for: everybody"
KRAN = "Gerät: Laufkran; Standort: Halle 3; Letzte Prüfung: 03.11.2030; Nächste Prüfung: 03.11.2031"
OFEN = "Gerät: Ofen; Standort: Halle 1; Letzte Prüfung: 12.01.2031; Nächste Prüfung: 12.01.2032"


def told(question: str, *given: Passage) -> str:
    found = []
    for each in given:
        sentences = safe_sentences_of(each)
        one = AssessedPassage(each, sentences, (), 0.1)
        found += [FoundUnit(one, AssessedUnit(unit, 0.1)) for unit in units_of(sentences, each.kind, each.text)]
    answer = only_row(question, found, 0.5)
    return answer.quoted if answer else ""


@pytest.mark.parametrize(
    ("question", "row", "other"),
    [
        ("how many ball valves do we have", VALVES, PUMPS),
        ("who may use the Seeadler", KAYAK, CANOE),
        ("Wer darf den Otter benutzen?", CANOE, KAYAK),
        ("Aus welchem Jahr ist K-07?", KAYAK, CANOE),
        ("which year is the Otter from", CANOE, KAYAK),
        ("wann wurde der Laufkran zuletzt geprüft", KRAN, OFEN),
        ("wann ist die nächste Prüfung vom Ofen", OFEN, KRAN),
    ],
)
def test_the_only_row_of_the_named_thing_answers(question: str, row: str, other: str) -> None:
    assert told(question, table(f"{row}\n{other}")) == row


@pytest.mark.parametrize(
    "question",
    [
        "how many ball valves fit into a box",
        "how many shelves do we have",
        "who may repair the Seeadler",
        "who bought the Seeadler",
        "which year was the Otter varnished",
        "wann wurde der Laufkran zuletzt gereinigt",
        "wann wurde der Laufkran gekauft",
        "wann wurde der Stapler zuletzt geprüft",
        "what is the shelf of the ball valve",
    ],
)
def test_a_row_without_what_is_asked_does_not_answer(question: str) -> None:
    assert told(question, table("\n".join((VALVES, PUMPS, KAYAK, CANOE, KRAN, OFEN)))) == ""


def test_of_two_rows_with_the_name_none_answers() -> None:
    assert told("how many ball valves do we have", table(f"{VALVES}\n{VALVES.replace('DN20', 'DN25')}")) == ""


def test_a_text_about_the_thing_may_say_otherwise() -> None:
    rule = passage("The Seeadler is being repaired until May.", "notice.txt")
    assert told("who may use the Seeadler", table(f"{KAYAK}\n{CANOE}"), rule) == ""
