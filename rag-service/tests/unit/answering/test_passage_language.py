"""Passages in another language than the question's come behind, unless they share a word with it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from rag_service.domain.answering.language.passage_language import in_order_of_language
from rag_service.domain.answering.matches.named_passages import FURTHER, found_for
from rag_service.domain.passage import Passage

from .passages import passage

GERMAN = "Die Treppe wird von den Mietern im Wechsel geputzt. Das Licht ist um zehn Uhr auszuschalten."
FRENCH = "Les livres se rendent dans les trois semaines. Une amende est due pour chaque jour de retard."
ENGLISH = "The stairs are cleaned on Mondays. You can leave your bicycle in the cellar of the house."


def _scored(text: str, score: float) -> Passage:
    return replace(passage(text, f"{text[:5]}.md"), score=score)


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("Wann muss ich das Licht löschen?", GERMAN),
        ("Quand dois-je payer pour mon retard ?", FRENCH),
        ("Where can I leave my bicycle?", ENGLISH),
    ],
)
def test_texts_in_the_language_of_the_question_come_first(question: str, first: str) -> None:
    near = [_scored(text, 0.1 if text == first else 0.14) for text in (GERMAN, FRENCH, ENGLISH)]
    assert in_order_of_language(question, near)[0].text == first


def test_a_word_in_common_or_a_question_without_a_language_leaves_the_order() -> None:
    found = [_scored(FRENCH, 0.14), _scored(GERMAN, 0.1)]
    assert in_order_of_language("Was heißt amende und was kostet das?", found) == found
    assert in_order_of_language("bicycle cellar", found) == found


def test_rows_without_a_language_are_not_foreign() -> None:
    rows, german = _scored("Room: Amsel; Seats: 6", 0.2), _scored(GERMAN, 0.15)
    assert in_order_of_language("Wie viele Plätze hat der Raum und was kostet er?", [rows, german]) == [rows, german]


def test_few_passages_are_filled_up_with_lower_ones_where_they_are_to_be_read() -> None:
    near = [_scored(f"{at} {ENGLISH}", 0.2 - at / 100) for at in range(20)]

    def retrieve(_query: str, number: int) -> Sequence[Passage]:
        return near[:number]

    def count(question: str, *, fill: bool, least: float) -> int:
        return len(found_for(question, retrieve, 12, least, fill=fill))

    assert count("May I smoke in the house?", fill=False, least=0.18) == 3
    assert count("May I smoke in the house?", fill=True, least=0.18) == 6
    assert count("May I smoke in the house?", fill=True, least=0.15) == 6
    assert count("May I smoke in the house?", fill=True, least=0.1) == 11
    assert count("May I smoke in the house?", fill=True, least=0.9) == 0


def test_more_passages_are_looked_at_in_another_language_than_english() -> None:
    asked: list[int] = []

    def retrieve(_query: str, number: int) -> Sequence[Passage]:
        asked.append(number)
        return [_scored(GERMAN, 0.3)]

    found_for("Wann muss ich das Licht löschen?", retrieve, 12, 0.15)
    found_for("When must I switch off the light?", retrieve, 12, 0.15)
    assert asked == [12 * FURTHER, 12]
