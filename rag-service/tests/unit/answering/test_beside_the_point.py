"""Sentences do not answer that have the words or the kind of a question without what it asks."""

import pytest
from rag_service.domain.answering.exclusions.beside_the_point import beside_the_point
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.usecases.assess_passages import assess

from .passages import by_words, passage

BERTHS = (
    "The season for berths begins on 3 April. The berth fee reaches the harbour office by 15 March."
    " Anyone who has not paid the berth fee by 1 May loses the berth."
)
MACHINES = (
    "Gilt für alle Werkstätten in Sachsen und ist in der Halle zu lesen. Die Prüfung der Fräse macht Herr Aumann."
    " Die Wartung ist Sache der Betriebsleitung und nicht der Schicht."
)
STORE = "Das Lagertor ist abends zu schließen. Die Größe beträgt 30 Quadratmeter."


def left_out(question: str, text: str) -> list[str]:
    every = [FoundUnit(one, unit) for one in assess(question, [passage(text)], by_words) for unit in one.units]
    return list(dict.fromkeys(each.quoted for each in beside_the_point(question, every)))


@pytest.mark.parametrize(
    "question", ["When must the berth fee be paid?", "berth fee deadline", "By when do I have to pay for the berth?"]
)
def test_where_a_text_names_the_deadline_another_day_and_what_follows_from_it_are_none(question: str) -> None:
    texts = left_out(question, BERTHS)
    assert all(any(day in each for each in texts) for day in ("3 April", "1 May"))
    assert not any("15 March" in each for each in texts)


def test_another_day_may_answer_where_no_deadline_is_asked_or_named() -> None:
    assert left_out("When does the season for berths begin?", BERTHS) == []
    assert left_out("When must the berth fee be paid?", "The berth fee is paid on 3 April. The season is long.") == []


def test_a_deadline_until_which_something_is_free_is_one() -> None:
    text = "Un cours peut être annulé sans frais jusqu’à 24 heures avant. Passé ce délai, le cours est dû le 3 mai."
    assert "sans frais" not in " ".join(left_out("Jusqu'à quand puis-je annuler mon cours ?", text))


def test_a_german_noun_is_nobody() -> None:
    assert left_out("Wer ist verantwortlich?", MACHINES) == [MACHINES.split(". ")[0] + "."]
    assert left_out("Wo ist das zu lesen?", MACHINES) == []
    names = "Sevda übernimmt die Presse. Um das Lager kümmert sich Till. In den Ferien macht das Wenke."
    assert left_out("Wer ist verantwortlich?", names) == []


def test_a_compound_with_one_key_word_gives_way_to_the_other_key_word() -> None:
    assert left_out("Größe Lager", STORE) == ["Das Lagertor ist abends zu schließen."]
    assert left_out("Größe Lagertor", STORE) == []


def test_where_a_text_names_somebody_one_that_names_nobody_is_not_who() -> None:
    text = "Beryl Tansley has the key. The key safe changes on 1 April and 1 October. The room holds forty."
    assert left_out("Who has the key of the room?", text) == [
        "The key safe changes on 1 April and 1 October.",
        "The room holds forty.",
    ]
    assert left_out("Who repairs the lamp?", text) == []
