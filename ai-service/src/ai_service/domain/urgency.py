"""How urgent a text says it is: a proposal, which a person's own choice outranks."""

from typing import Literal

from ai_service.domain.ticket_text import TicketText
from ai_service.domain.vocabulary import vocabulary

Priority = Literal["low", "medium", "high", "urgent"]

URGENT = vocabulary("urgent urgently asap emergency critical evacuate fire flood flooding")
HIGH = vocabulary("outage immediately blocked blocking deadline unusable breach hacked stolen ransomware injured")
MEDIUM = vocabulary("important soon quickly broken failing failed slow delayed overdue")

_WORDS: dict[Priority, frozenset[str]] = {"urgent": URGENT, "high": HIGH, "medium": MEDIUM}
_STANDS_FOR: dict[str, Priority] = {word: level for level, words in _WORDS.items() for word in words}
_DENIALS = vocabulary("not no isn non never without nothing")
_DENIAL_REACH = 2


def priority(ticket: TicketText) -> Priority:
    """Return the highest level that a word of the text stands for, `low` without any; `not urgent` is not urgent."""
    words = ticket.words
    said = {_STANDS_FOR[word] for place, word in enumerate(words) if word in _STANDS_FOR and not _denied(words, place)}
    return next((level for level in _WORDS if level in said), "low")


def _denied(words: list[str], place: int) -> bool:
    return any(word in _DENIALS for word in words[max(0, place - _DENIAL_REACH) : place])
