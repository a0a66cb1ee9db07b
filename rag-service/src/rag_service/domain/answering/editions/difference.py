"""Compares what two documents say about one thing: alike, alike but for a figure, or different."""

import re
from datetime import date

from rag_service.domain.answering.editions.document_days import own_day, saved_day, says_from, stored_day
from rag_service.domain.answering.language.text_features import COMMON, numbers, stem, stems, tokens
from rag_service.domain.passage import Passage

SAME_WORDS = 0.8
SAME_BUT_FIGURES = 0.6
"""Of the words of both that are no figures."""
MIN_SHARED_WORDS = 2
MIN_COPY_CHARACTERS = 200
"""Shorter passages may be equal in documents about different things."""

_FIGURE = re.compile(
    r"(?i)\d|^(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|monday|tuesday|wednesday|thursday"
    r"|friday|saturday|sunday|january|february|march"
    r"|april|may|june|july|august|september|october|november|december|montag|dienstag|mittwoch|donnerstag|freitag"
    r"|samstag|sonntag|januar|februar|märz|mai"
    r"|juni|juli|oktober|dezember|not|never|nicht|kein\w*|no|yes|ja|nein)$"
)


def is_copy(one: Passage, other: Passage) -> bool:
    """Return whether two passages are one text in two copies, as of a file that was uploaded under two names."""
    return (
        one.document_id != other.document_id
        and one.text == other.text
        and len(one.text) >= MIN_COPY_CHARACTERS
        and (one.heading, one.locator) == (other.heading, other.locator)
    )


def alike(one: str, other: str) -> bool:
    """Return whether two texts say the same, in other words at most."""
    return _overlap(_words(one), _words(other)) >= SAME_WORDS and not _figures_differ(one, other)


def contradict(one: str, other: str, question: str = "") -> bool:
    """Return whether two texts say the same but for a figure, a date, a name or a negation.

    Texts that differ in a name of the question are about two things.
    """
    names = {stem(name.casefold()) for name in _names(one) ^ _names(other)}
    if names & stems(question):
        return False
    first, second = ({each for each in _words(text) - names if not _FIGURE.search(each)} for text in (one, other))
    if _overlap(first, second) < SAME_BUT_FIGURES or len(first & second) < MIN_SHARED_WORDS:
        return False
    return bool(names) or _figures_differ(one, other)


def shared_words(one: str, other: str) -> float:
    """Return the share of the words of two texts, but for figures, that both have."""
    first, second = ({each for each in _words(text) if not _FIGURE.search(each)} for text in (one, other))
    return _overlap(first, second)


def valid_from(passage: Passage, text: str = "") -> date | None:
    """Return the date from which a document applies, by its own words, else the day on which its file was saved, or
    stored here; None if unknown."""
    own = own_day(passage) or says_from(f"{passage.text}\n{text}")
    return own or saved_day(passage) or stored_day(passage)


def _words(text: str) -> set[str]:
    return {stem(word) for word in tokens(text) if word not in COMMON or _FIGURE.search(word)}


def _names(text: str) -> set[str]:
    return set(re.findall(r"(?<=[^.!?:] )[^\W\d_a-z][\w'’-]+", text))


def _figures_differ(one: str, other: str) -> bool:
    if numbers(one) != numbers(other):
        return True
    first = {word for word in tokens(one) if _FIGURE.search(word)}
    return first != {word for word in tokens(other) if _FIGURE.search(word)}


def _overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
