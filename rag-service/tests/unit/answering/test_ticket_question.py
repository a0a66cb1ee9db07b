"""What of a ticket is asked: its text with the title as context; a question amid a very long mail."""

import time

import pytest
from rag_service.consumers.ticket_created import solved
from rag_service.usecases.answer import Answerer
from rag_service.usecases.answer_options import Options

from .passages import HANDBOOK, HOURS, by_words, passage

KNOWN = [passage(HANDBOOK), passage(HOURS, "hours.md", locator="")]
ANSWERER = Answerer(lambda _query, top_k: KNOWN[:top_k], by_words, options=Options(min_probability=0.2))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Badge and printer", "How do I repair the VPN client?"),
        ("Drucker K-12 und Ausweis", "I need help. How do I repair the VPN client?"),
        ("How do I repair the VPN client?", "Please tell me soon."),
        ("How do I repair the VPN client?", ""),
    ],
)
def test_a_title_does_not_spoil_what_a_ticket_asks(title: str, text: str) -> None:
    assert "Open the VPN client" in " ".join(step.text for step in solved(ANSWERER, title, text).steps)


@pytest.mark.parametrize("story", ["We waited in the rain. ", "Wir standen lange im Regen.\n", "Il pleut ici. "])
def test_a_question_amid_a_very_long_mail_is_found(story: str) -> None:
    half = story * (20_500 // len(story))
    began = time.process_time()
    found = ANSWERER.solution(f"{half}\nHow do I repair the VPN client?\n{half}")
    assert "Open the VPN client" in " ".join(step.text for step in found.steps)
    assert time.process_time() - began < 5
