"""Puts a question into the words of tables: "Wo steht der Freezer -80?" for "Wo steht der Gefrierschrank?".

A multilingual encoder tells which cell or name of a column means the same as a word of the question. Things of one
kind, such as a cat and a dog, are less near to each other than a word to its translation.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rag_service.domain.answering.language.text_features import COMMON
from rag_service.domain.answering.language.word_match import Words
from rag_service.domain.answering.question_subject import DONE_WITH_IT, STATES, subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.named_columns import asked_days
from rag_service.domain.answering.tables.people_groups import groups_in
from rag_service.domain.answering.tables.row_ranges import held_in_ranges
from rag_service.domain.answering.tables.word_places import is_held, place_of

Cosines = Callable[[Sequence[str], Sequence[str]], Sequence[Sequence[float]]]
"""Takes words and cells; returns the cosines of each word with each cell."""

MIN_COSINE = 0.66
"""Of a word and a cell of the same meaning; of 34 pairs of near things, such as cat and dog, one had more."""
MIN_LEAD = 0.08
"""By how much the cosine leads that of the next cell."""
MAX_CELLS = 300
MAX_QUESTION_CHARACTERS = 300
"""A longer text is no question for a cell."""
MAX_CELL_WORDS, MIN_LETTERS = 4, 3
KNOWN_SHARE = 0.5
"""Of the words of a table that is English."""
SAME_WORD = 0.9
"""How far a word must be held."""
MAX_MISSING = 1
"""Words of the question, such as its verb, that are neither in the row nor put into its words."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_WORDS = re.compile(r"(?:[^\W\d_]+(?:['’.-]?[^\W\d_]+)*(?!\w)(?:[ &/–-]+(?=[^\W\d_])|$)?)*")
"""The beginning of a cell: words without figures, up to a bracket or a comma."""
_LETTERS = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True)
class Reworded:
    """A question in the words of tables."""

    question: str
    cells: tuple[str, ...]
    """The cells and names of columns that stand in it for words of the question."""

    def fits_row(self, row: str, above: str) -> bool:
        """Return whether a row has every such cell, and all else that the question names but one word.

        `above`: what stands above the row.
        """
        there = {_plainest(part) for cell in cells(row) for part in cell}
        here = Words(f"{row} {above}")
        in_range = held_in_ranges(self.question, row).words
        asked = [word for word in subject_words(self.question) if word not in in_range | DONE_WITH_IT]
        every, days = list(cells(row)), asked_days(self.question)
        places = {word: place_of(word, every, days) for word in asked}
        missing = [
            word for word, place in places.items()
            if here.holds(word) < SAME_WORD and not (place.values or place.names or is_held(Words(above), word))
        ]  # fmt: skip
        return all(cell in there for cell in self.cells) and len(missing) <= MAX_MISSING


def is_english(text: str, knows: Callable[[str], bool]) -> bool:
    """Return whether the words of a table are English; `knows` tells whether an English vocabulary has a word."""
    words = [word.casefold() for word in _LETTERS.findall(text)]
    return sum(map(knows, words)) >= KNOWN_SHARE * len(words)


def cells_of(tables: Iterable[str]) -> list[str]:
    """Return the names and short values of tables' rows, each once, without figures."""
    found: dict[str, None] = {}
    for row in (line for table in tables for line in table.splitlines()):
        for name, value in cells(row):
            for text in map(_plainest, (name, value)):
                if len(text.split()) <= MAX_CELL_WORDS and sum(map(str.isalpha, text)) >= MIN_LETTERS:
                    found.setdefault(text)
    return list(found)[:MAX_CELLS]


def _plainest(cell: str) -> str:
    """Return the words with which a cell begins, without figures and what stands behind: `Autumn` of `Autumn 1 Sep`."""
    found = _WORDS.match(cell.strip())
    return found[0].strip(" -–&/") if found else ""


def reworded(question: str, tables: Sequence[str], cosines: Cosines) -> Reworded | None:
    """Return a question with words that no table has in the tables' words; None where none means the same."""
    if len(question) > MAX_QUESTION_CHARACTERS:
        return None
    phrases, known = _phrases(question, Words(" ".join(tables))), cells_of(tables)
    if not phrases or len(known) < len(("cell", "rival")):
        return None
    taken: dict[tuple[int, int], str] = {}
    for (start, end), row in zip(phrases, cosines([question[slice(*each)] for each in phrases], known), strict=True):
        (best, cell), (next_best, _) = sorted(zip(row, known, strict=True), reverse=True)[:2]
        inside = any(start < other_end and other_start < end for other_start, other_end in taken)
        if best >= MIN_COSINE and best - next_best >= MIN_LEAD and not inside:
            taken[start, end] = cell
    if not taken:
        return None
    text = question
    for (start, end), cell in sorted(taken.items(), reverse=True):
        text = f"{text[:start]}{cell}{text[end:]}"
    return Reworded(text, tuple(taken.values()))


def _is_known(word: str) -> bool:
    """Return whether a word needs no other one: days and groups of people are found in any language."""
    asked = subject_words(word)
    return bool(asked_days(word) or groups_in(word)) or (bool(asked) and DONE_WITH_IT.union(STATES).issuperset(asked))


def _phrases(question: str, there: Words) -> list[tuple[int, int]]:
    """Return where words stand that no table has: pairs of neighbours first, then each of them."""
    words = [each for each in _WORD.finditer(question) if each[0].casefold() not in COMMON and not _is_known(each[0])]
    subject = [bool(subject_words(each[0])) and each[0].isalpha() and len(each[0]) >= MIN_LETTERS for each in words]
    lacking = [
        named and not all(there.holds(word) >= SAME_WORD for word in subject_words(each[0]))
        for each, named in zip(words, subject, strict=True)
    ]
    pairs = [
        (words[at].start(), words[at + 1].end())
        for at in range(len(words) - 1)
        if subject[at] and subject[at + 1] and (lacking[at] or lacking[at + 1])
        and question[words[at].end() : words[at + 1].start()] == " "
    ]  # fmt: skip
    return [*pairs, *(each.span() for each, lacks in zip(words, lacking, strict=True) if lacks)]
