"""A text as sentences of words, and which of its words are denied."""

import re
from collections.abc import Iterator, Sequence

from ai_service.domain.folding import folded
from ai_service.domain.ticket_text import READ_CHARACTERS, TicketText, visible
from ai_service.domain.vocabulary import vocabulary

Sentence = Sequence[str]
"""Words in small letters; a comma, colon or semicolon is a word of its own, so that nothing reaches across it."""

DENIALS = vocabulary("""
    not no non never nothing without hardly neither nor cant dont isnt wasnt arent doesnt didnt
    pas sans aucun aucune jamais nicht kein keine keinen keinerlei niet geen sin ninguna ningun nunca inte ikke nao
""")
"""French, German, Dutch, Spanish and Scandinavian ones too, for `urgent` is a word of more languages than English."""
BEHIND = vocabulary("degil")
"""Turkish denies behind the word: `acil değil`."""
BETWEEN = vocabulary("""
    a an any at all the is be been being that this very really so too yet particularly longer of in for
    du tout est tres si ist sehr wirklich heel erg zo es muy tan un une ein eine e per nada muito
""")
"""What may stand between a denial and what it denies: `not at all that urgent`."""

REACH = 8
"""Words looked back for a denial; the bound keeps a hostile text from costing its length squared."""

_END = re.compile(r"([.!?\n]+)")
_TOKEN = re.compile(r"[^\W_]+|[,:;]")
QUESTION = "question:"
"""The last word of a sentence that asks. No text has a word with a colon in it."""
_SHORT_NOT = re.compile(r"n['\u2019]t\b|(?<=\bcan)not\b")


def sentences(ticket: TicketText) -> list[Sentence]:
    """Return the sentences of title and description, as far as tickets are read."""
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


def denied(sentence: Sentence, place: int) -> bool:
    """Tell whether the word at `place` is denied: `not urgent`, `no longer that urgent`, `acil değil`."""
    return _denial_before(sentence, place, lists=False) or not BEHIND.isdisjoint(sentence[place + 1 : place + 2])


def denied_in_a_list(sentence: Sentence, place: int) -> bool:
    """Tell the same, and count what is joined by `or` as denied together: `not urgent or critical`."""
    return _denial_before(sentence, place, lists=True) or not BEHIND.isdisjoint(sentence[place + 1 : place + 2])


def _denial_before(sentence: Sentence, place: int, *, lists: bool) -> bool:
    at, lowest = place - 1, max(0, place - REACH)
    while at >= lowest:
        word = sentence[at]
        if word in DENIALS:
            return True
        if word in BETWEEN:
            at -= 1
        elif lists and word == "or":
            at -= 2
        else:
            return False
    return False
