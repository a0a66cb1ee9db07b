"""Tells rows with another value than the one that a question names of the same column.

"Hip hop for adults" is not answered by the class for ages 7–9 if another row of the table is for adults; nor "projector
in the control room" by one in the studio if another thing is in the control room.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rag_service.domain.answering.language.identifiers import identifiers
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.question_subject import STATES, subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.named_columns import asked_days, days_in
from rag_service.domain.answering.units.found_unit import FoundUnit

MAX_VALUE_WORDS = 4
"""Words of a value that names a group, a place or a thing; longer ones are remarks."""
SAME_WORD = 0.9
"""How far a row must hold a word of such a value."""

_BESIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_OPEN = re.compile(
    r"(?i)\b(?:all|any|every\w*|each|both|mixed|various|from|over|alle[rsn]?|jede[rsn]?|beide|gemischt|diverse|ab|über"
    r"|tou(?:te)?s|chaque|mixte|dès|à partir|todos?|todas?|cualquier\w*|desde|tutt[io]|ogni|iedereen|allen|vanaf)\b"
    r"|\d ?\+|^\W*$"
)
"""A value that may include the named one, such as "from 12" and "all"."""
_OTHERWISE = re.compile(
    r"(?i)\b(?:other|others|else|except|instead|besides|not|without|ander\w*|außer|statt|nicht|kein\w*|ohne|sonst|autres?"
    r"|sauf|excepté|pas|sans|otr[oa]s?|excepto|salvo|sin|altr[io]|tranne|niet|geen|zonder)\b"
)
"""The question means what is not the named value."""
_ROMAN = re.compile(r"[ivx]+")
"""The numeral of one thing of several, which a question may name by an ordinal."""

_Column = tuple[object, ...]


def with_other_values(
    question: str, found: Sequence[FoundUnit], settled: frozenset[str] = frozenset()
) -> list[FoundUnit]:
    """Return the rows that have another value in a column of which the question names a value in full.

    The named value is that of another row of the table, also of one without the asked cell. `settled`: words for an
    amount or a day that the range of a row has in it.
    """
    subject = frozenset(word for word in subject_words(question) if word.isalpha()) - settled
    rows = [each for each in found if each.unit.unit.kind == "row"]
    if not subject or len(rows) < 2 or identifiers(question).codes or _OTHERWISE.search(question):
        return []
    named: defaultdict[_Column, set[frozenset[str]]] = defaultdict(set)
    for each in rows:
        for column, value in _values(each):
            words = _words_of(value)
            # When something closes is no question for the rows in which it is closed.
            if words and len(value.split()) <= MAX_VALUE_WORDS and words <= subject and not words <= STATES:
                named[column].add(words)
    return [
        each for each in rows if named and (_is_of_another(question, each, named) or _is_of_more(subject, each, named))
    ]


def _is_of_another(question: str, row: FoundUnit, named: dict[_Column, set[frozenset[str]]]) -> bool:
    passage = row.assessed.passage
    there = Words(" ".join([row.core.shown, *passage.heading]))
    days = asked_days(question)
    for column, value in _values(row):
        wanted = named.get(column)
        if not wanted or _OPEN.search(value) or (days and days & days_in(value)):
            continue
        if not any(all(there.holds(word) >= SAME_WORD for word in words) for words in wanted):
            return True
    return False


def _is_of_more(subject: frozenset[str], row: FoundUnit, named: dict[_Column, set[frozenset[str]]]) -> bool:
    """Return whether a row's first value has a named one's words and others: `Adult beginners` for "beginners"."""
    column, value = next(_values(row))
    words = _words_of(value)
    lacking = {word for word in words - subject if word.isalpha() and not _ROMAN.fullmatch(word)}
    return bool(lacking) and any(wanted < words for wanted in named.get(column, ()))


def _words_of(value: str) -> frozenset[str]:
    return frozenset(asked_words(_BESIDE.sub(" ", value)))


def _values(row: FoundUnit) -> Iterator[tuple[_Column, str]]:
    """Yield the columns, each with its table, and the values of a row; groups before its cells have their places."""
    passage = row.assessed.passage
    for place, (name, value) in enumerate(cells(row.core.shown)):
        yield (passage.document_id, passage.heading, name or place), value
