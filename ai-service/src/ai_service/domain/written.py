"""A ticket as its writer wrote it."""

from ai_service.domain.folding import composed
from ai_service.domain.mail.automatic import is_automatic
from ai_service.domain.mail.own_words import own_words
from ai_service.domain.ticket_text import TicketText, visible


def as_written(title: str, description: str) -> TicketText:
    """Return the text to judge a ticket by: the writer's own words, in letters of ordinary width.

    The ticket itself keeps its whole text. A new answer decides, not the mail that it quotes.
    """
    title, description = composed(visible(title)), composed(visible(description))
    return TicketText(title, own_words(description), is_automatic(title, description))
