"""How urgent a text says it is."""

import pytest
from ai_service.domain.ticket_text import TicketText
from ai_service.domain.urgency import priority


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Please change my name", "low"),
        ("URGENT: mail is down", "urgent"),
        ("We need it ASAP", "urgent"),
        ("Outage of the shop", "high"),
        ("I am blocked", "high"),
        ("The chair is broken", "medium"),
        ("It is slow, and it is an emergency", "urgent"),
        ("Not urgent at all", "low"),
        ("This isn't urgent", "low"),
        ("non-urgent question", "low"),
        ("insurgent", "low"),
    ],
)
def test_the_highest_level_that_a_word_stands_for(text: str, level: str) -> None:
    assert priority(TicketText(text, "")) == level
