"""Splits a text into sentences of words, and detects denied words."""

import re
from collections.abc import Iterator, Sequence

from ai_service.domain.folding import folded
from ai_service.domain.ticket_text import READ_CHARACTERS, TicketText, visible
from ai_service.domain.vocabulary import vocabulary

Sentence = Sequence[str]
"""Folded words; a comma, colon or semicolon is a word of its own, so that no phrase spans it."""

DENIALS = vocabulary("""
    not no non never nothing without hardly neither nor cant dont isnt wasnt arent doesnt didnt
    pas sans aucun aucune jamais nicht kein keine keinen keinerlei niet geen sin ninguna ningun nunca inte ikke nao
""")
"""Also in other languages: `urgent` is a word of more languages than English."""
DENIALS_AFTER = vocabulary("degil")
"""Turkish puts the denial after the word: `acil değil`."""
SKIPPED_BETWEEN = vocabulary("""
    a an any at all the is be been being that this very really so too yet particularly longer of in for
    du tout est tres si ist sehr wirklich heel erg zo es muy tan un une ein eine e per nada muito
""")
"""Words that may stand between a denial and the denied word: `not at all that urgent`."""

MAX_DENIAL_DISTANCE = 8
"""In words; the bound keeps the time linear for an adversarial text."""

_END = re.compile(r"([.!?\n]+)")
_TOKEN = re.compile(r"[^\W_]+|[,:;]")
QUESTION = "question:"
"""The last word of a question. No word of a text contains a colon."""
_SHORT_NOT = re.compile(r"n['\u2019]t\b|(?<=\bcan)not\b")


def sentences(ticket: TicketText) -> list[Sentence]:
    """Return the sentences of title and description, up to READ_CHARACTERS."""
    text = f"{ticket.title}\n{ticket.description}"
    if len(text) > READ_CHARACTERS:
        # A word cut in two could be another word.
        text = re.sub(r"\w+\Z", "", text[:READ_CHARACTERS])
    text = _SHORT_NOT.sub(" not", folded(visible(text)))
    found = [(words, end) for part, end in _parts(text) if (words := _TOKEN.findall(part))]
    return [[*words, QUESTION] if "?" in end else words for words, end in found]


def _parts(text: str) -> Iterator[tuple[str, str]]:
    parts = _END.split(text)
    return zip(parts[::2], [*parts[1::2], ""], strict=True)


def denied(sentence: Sentence, position: int) -> bool:
    """Return whether the word at `position` is denied: `not urgent`, `no longer that urgent`, `acil değil`."""
    return _denial_before(sentence, position, lists=False) or not DENIALS_AFTER.isdisjoint(
        sentence[position + 1 : position + 2]
    )


def denied_in_a_list(sentence: Sentence, position: int) -> bool:
    """Return whether the word at `position` is denied, alone or in a list joined by `or`: `not urgent or critical`."""
    return _denial_before(sentence, position, lists=True) or not DENIALS_AFTER.isdisjoint(
        sentence[position + 1 : position + 2]
    )


def _denial_before(sentence: Sentence, position: int, *, lists: bool) -> bool:
    at, lowest = position - 1, max(0, position - MAX_DENIAL_DISTANCE)
    while at >= lowest:
        word = sentence[at]
        if word in DENIALS:
            return True
        if word in SKIPPED_BETWEEN:
            at -= 1
        elif lists and word == "or":
            at -= 2
        else:
            return False
    return False
