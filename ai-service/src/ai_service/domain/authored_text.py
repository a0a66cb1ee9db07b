"""Reduces a ticket to the text that its author wrote."""

from ai_service.domain.folding import composed
from ai_service.domain.mail.automatic import is_automatic
from ai_service.domain.mail.reply_parser import authored_part
from ai_service.domain.ticket_text import TicketText, visible


def authored_text(title: str, description: str) -> TicketText:
    """Return the text that classifiers read: without quoted mails and invisible characters, of ordinary width.

    The stored ticket keeps its whole text. A reply is classified by its new text, not by the mail that it quotes.
    """
    title, description = composed(visible(title)), composed(visible(description))
    return TicketText(title, authored_part(description), is_automatic(title, description))
