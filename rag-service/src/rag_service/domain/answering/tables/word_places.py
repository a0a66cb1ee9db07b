"""Finds the cells of a row in which a word of a question has its place: as a value, or in the name of a column.

A day of the week, a group of people and a size have several names, also in other languages: `Fri` is Friday, the column
`Kinder (6–15)` is for children, and `M` is medium.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag_service.domain.answering.language.glossary import translations
from rag_service.domain.answering.language.text_features import stem, tokens
from rag_service.domain.answering.language.word_match import Words, fold
from rag_service.domain.answering.question_subject import STATES
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.named_columns import days_of, is_day
from rag_service.domain.answering.tables.people_groups import group_of, group_of_word

SAME_WORD, NAMED = 0.9, 0.7
"""How far a value must hold a word, and the name of a column, which may have another one of the same meaning."""
MIN_NAME_LETTERS = 5
"""Letters of a column's name with which a compound may begin."""
_SIZES = (
    "s small little klein kleine kleiner kleines kleinen petit petite petits petites pequeño pequeña pequeños piccolo",
    "m medium mediums middle mittel mittlere mittlerer mittleren moyen moyenne mediano mediana medio media",
    "l large big groß große großer großes großen grand grande grands grandes groot grote",
)
_EXTRA = re.compile(r"(?i)\bextra[- ]?(?:(large|big|groß\w*|grandes?)|(?:small|klein\w*|petite?s?|pequeñ[oa]s?))\b")
_SIZE_OF = {word: number for number, words in enumerate(_SIZES) for word in words.split()}
_SIZE_OF_STEM = {fold(stem(word)): number for word, number in _SIZE_OF.items() if len(word) > 1}


@dataclass(frozen=True)
class Place:
    """Where a row has a word: the indexes of its cells."""

    values: frozenset[int]
    names: frozenset[int]


def place_of(word: str, every: Sequence[tuple[str, str]], days: set[int]) -> Place:
    """Return where the cells of a row have a word of `asked_words`; `days`: those that the question names."""
    # "When does the gym close?" names no row by the day on which another thing is closed.
    held = [value if word not in STATES else "" for _, value in every]
    values = frozenset(at for at, value in enumerate(held) if _has(value, word) or _is_value(value, word, days))
    names = frozenset(at for at, (name, _) in enumerate(every) if name and _is_name(name, word))
    return Place(values, names)


def with_size_codes(question: str) -> str:
    """Return a question with `XL` for "extra large" and `XS` for "extra small", which are no L and no S."""
    return _EXTRA.sub(lambda found: "XL" if found[1] else "XS", question)


def has_place(word: str, row: str, days: set[int]) -> bool:
    """Return whether a cell of a row has a word of `asked_words`; `days`: those that the question names."""
    place = place_of(word, list(cells(row)), days)
    return bool(place.values or place.names)


def _is_value(value: str, word: str, days: set[int]) -> bool:
    if is_day(word):
        return is_of_day(value, days)
    if word in _SIZE_OF_STEM:
        parts = tokens(value)
        return any(_SIZE_OF.get(each) == _SIZE_OF_STEM[word] for each in parts if len(each) > 1 or len(parts) == 1)
    there = Words(value)
    return _is_same_group(value, word) or any(there.holds(each) == 1 for each in translations(word))


def _is_name(name: str, word: str) -> bool:
    return is_held(Words(name), word) or _begins(word, name) or _is_same_group(name, word)


def is_held(heads: Words, word: str) -> bool:
    """Return whether names of columns, headings or a title hold a word, or what it is in another language."""
    return heads.holds(word) >= NAMED or any(heads.holds(each) == 1 for each in translations(word))


def _is_same_group(text: str, word: str) -> bool:
    """Return whether a text names the group of people, and nothing else, that a word names, such as `Enfants (-12)`."""
    group = group_of_word(word)
    return group is not None and group == group_of(text)


def _begins(word: str, name: str) -> bool:
    """Return whether a word is a compound that begins with a column's name: `Papier` for "Papiertonne"."""
    return len(name) >= MIN_NAME_LETTERS and name.isalpha() and word.startswith(fold(name.casefold()))


def is_of_day(value: str, days: set[int]) -> bool:
    """Return whether a value is the asked days of the week, such as `Fri` and `Thu–Sat`, or a date like `Mi 07.04.`"""
    if days and days <= days_of(value):
        return True
    first, *rest = value.split() or [""]
    return len(days) == 1 and days_of(first.rstrip(".,")) == days and any(map(str.isdigit, "".join(rest)))


def _has(value: str, word: str) -> bool:
    """Return whether a value holds a word; a number only as a whole, not as a part of 26,700 or 2025/26."""
    if word.isdigit():
        return re.search(rf"(?<!\d)(?<!\d[.,/-]){word}(?![.,/-]?\d)", value) is not None
    return Words(value).holds(word) >= SAME_WORD
