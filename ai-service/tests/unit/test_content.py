"""Greetings, thanks and function words are no content."""

import pytest
from ai_service.domain.content import has_content
from ai_service.domain.ticket_text import TicketText


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "Hello",
        "Hi team,\n\nthanks and kind regards",
        "Could somebody help me please?",
        "Guten Morgen! Ich habe eine Frage.",
        "Bonjour, j'ai une question. Merci, cordialement",
        "¡Hola! ¿Me puede ayudar, por favor? Gracias",
        "Merhaba, iyi günler",
        "1234 / 42",
        "?!",
        "see https://example.org/printer",
    ],
)
def test_courtesies_have_no_content(text: str) -> None:
    assert not has_content(TicketText("", text))


@pytest.mark.parametrize(
    "text",
    [
        "VPN",
        "Hello, the printer is jammed",
        "Fatura",
        "プリンターが動かない",
        "Der Drucker",
        "l'imprimante",
        "SAP",
        "Can't log in",
    ],
)
def test_one_word_about_the_matter_is_content(text: str) -> None:
    assert has_content(TicketText("Hello", text))
