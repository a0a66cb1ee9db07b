"""Each question of a message is answered by itself, whatever is told around it."""

import time

import pytest
from rag_service.domain.answering.message.questions import parts_of
from rag_service.domain.answering.message.search_query import MAX_QUERY_CHARACTERS, wordings
from rag_service.domain.document import PassageKind
from rag_service.domain.passage import Passage
from rag_service.usecases.answer import Answerer
from rag_service.usecases.answer_options import Options
from rag_service.usecases.results import ChatAnswer

from .passages import by_words, uuid


def queries(message: str) -> list[str]:
    return [query for part in parts_of(message) for query in wordings(part)]


@pytest.mark.parametrize(
    ("message", "first", "second"),
    [
        ("The mail server is down. How do I restore the mail archive?", "How do I restore the mail archive?",
         "The mail server is down. How do I restore the mail archive?"),
        ("My laptop LT-2044 is slow. Which room is the help desk in?", "Which room is the help desk in?",
         "My laptop is slow. Which room is the help desk in?"),
        ("Mein Drucker ZX-9 streikt. Wann öffnet die Kantine am Montag?", "Wann öffnet die Kantine am Montag?",
         "Mein Drucker streikt. Wann öffnet die Kantine am Montag?"),
        ("Le poste 4711 est en panne. Combien coûte un badge perdu ?", "Combien coûte un badge perdu ?",
         "Le poste est en panne. Combien coûte un badge perdu ?"),
        ("How long is the notice period? I signed contract C-77.", "How long is the notice period?",
         "How long is the notice period? I signed contract"),
    ],
)  # fmt: skip
def test_a_question_of_its_own_is_asked_alone_first(message: str, first: str, second: str) -> None:
    assert queries(message) == [first, second]


@pytest.mark.parametrize(
    ("message", "last"),
    [
        ("Last night the export on the ERP stopped with error QX-17. What do I do about that?",
         "last night the export on the erp stopped with error QX-17. What do I do about that?"),
        ("Das Band B 12 in Halle Nord steht. Was soll ich tun?",
         "das band B 12 in halle nord steht. Was soll ich tun?"),
        ("I travel to Norway. What is the limit there?", "I travel to Norway. What is the limit there?"),
    ],
)  # fmt: skip
def test_a_question_that_points_to_its_story_keeps_it(message: str, last: str) -> None:
    assert queries(message)[0] == message
    assert queries(message)[-1] == last


def told(message: str, *known: Passage) -> str:
    made = Answerer(lambda _query, top_k: known[:top_k], by_words, options=Options(min_probability=0.3))
    return next(each for each in made.chat(message) if isinstance(each, ChatAnswer)).answer


@pytest.mark.parametrize("story", ["", "My laptop LT-2044 is slow again. ", "The CRM failed at 08:15. "])
def test_a_story_does_not_bind_the_answer(story: str) -> None:
    lines = "Code: BK-7; Meaning: disk full\nCode: BK-8; Meaning: password expired\nCode: LT-2044; Meaning: laptop"
    rows = Passage(
        uuid("c"), uuid("c"), "file", "codes.csv", (), "rows 1-3", lines, 0.6, {"ordinal": 0}, PassageKind.ROWS
    )
    assert "BK-8; Meaning: password expired" in (answer := told(f"{story}What does code BK-8 mean?", rows))
    assert "BK-7" not in answer
    assert "LT-2044" not in answer


def test_a_long_story_before_a_question_is_read_quickly() -> None:
    began = time.process_time()
    assert all(len(each) <= MAX_QUERY_CHARACTERS for each in queries(f"{'It broke on K-4. ' * 3_000}Who repairs it?"))
    assert time.process_time() - began < 5
