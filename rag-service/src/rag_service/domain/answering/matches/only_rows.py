"""Finds the only row of the thing that a question names, if one kind of its columns tells what is asked: how many there
are, who may use it, from which year it is, or when it was last checked."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from rag_service.domain.answering.answer_kind import asked_kind
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.question_subject import subject_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.units.fuller_units import counted_words
from rag_service.domain.answering.values import cell_kinds

SAME_WORD = 0.9
MIN_ROOT_LETTERS = 4
"""Letters in a row that a verb and the name of a column share: "geprüft", `Prüfung`."""
_STOCK = re.compile(
    r"(?i)\b(?:in stock|stock|quantity|qty|available|units|count|(?:lager)?bestand|menge|anzahl|vorrat|vorrätig|stück"
    r"|stk|quantité|nombre|disponibles?|existencias|cantidad|giacenza|quantità|voorraad|aantal)\b"
)
_WHO_MAY = re.compile(
    r"(?i)^\W*(?:who (?:may|can|is allowed)|wer (?:darf|kann)|qui (?:peut|a le droit)|quién puede|chi può|wie mag)\b"
)
_ALLOWED = re.compile(
    r"(?i)\b(?:allowed|permitted|open to|erlaubt|zugelassen|autorisée?s?|permitido|permesso|toegestaan)\b"
)
_YEAR = re.compile(r"(?i)\b(?:(?:which|what|model) year|(?:bau)?jahr|quelle année|qué año|che anno|welk jaar)\b")
_A_YEAR = re.compile(r"\W*(?:19|20|21)\d\d\W*")
_TURNS = (
    re.compile(r"(?i)\b(?:last|latest|zuletzt|letzte[nrsm]?|derni[eè]re?|última|ultim[ao]|laatste?)\b"),
    re.compile(r"(?i)\b(?:next|nächste[nrsm]?|prochaine?|próxim[ao]|prossim[ao]|volgende)\b"),
)
"""Of two columns for days one tells when it was, the other when it will be."""


def only_row(question: str, found: Sequence[FoundUnit], probability: float) -> FoundUnit | None:
    """Return the only row with all that a question names, with this probability, if it has a cell of what is asked.

    A text that has all of it as well may say otherwise; then there is none.
    """
    is_asked, subject = _asked(question), subject_words(question)
    if is_asked is None:
        return None
    rows: dict[str, FoundUnit] = {}
    named: set[str] = set()
    for each in found:
        if each.unit.unit.kind == "row" and (held := _naming(subject, each, is_asked)):
            rows.setdefault(each.core.shown, each)
            named |= held
    texts = [Words(each.quoted) for each in found if each.unit.unit.kind != "row"]
    if len(rows) != 1 or any(all(text.holds(word) >= SAME_WORD for word in named) for text in texts):
        return None
    (row,) = rows.values()
    return replace(row, unit=replace(row.unit, probability=probability))


def _asked(question: str) -> Callable[[str, str], bool] | None:
    """Return what tells from its column's name and its value whether a cell is asked for; None for other questions."""
    if _WHO_MAY.search(question):
        return lambda name, value: _ALLOWED.search(name) is not None
    if asked_kind(question) == "amount" and counted_words(question):
        return lambda name, value: _STOCK.search(name) is not None and cell_kinds.has_count(name, value)
    if asked_kind(question) != "time":
        return None
    if turn := next((each for each in _TURNS if each.search(question)), None):
        return lambda name, value: turn.search(name) is not None and cell_kinds.has_time("", value)
    if _YEAR.search(question):
        return lambda name, value: bool(name) and _A_YEAR.fullmatch(value) is not None
    return None


def _naming(subject: Sequence[str], row: FoundUnit, is_asked: Callable[[str, str], bool]) -> set[str]:
    """Return the words by which a row is named; none if it has no asked cell, or lacks a word of the question.

    A verb may stand in the name of the asked column in another form.
    """
    every = list(cells(row.core.shown))
    asked = [name for name, value in every if is_asked(name, value)]
    others = Words(" ".join(value for name, value in every if name not in asked))
    held = {word for word in subject if others.holds(word) >= SAME_WORD}
    in_columns = [word for name in asked for word in asked_words(name)]
    columns = Words(" ".join(asked))
    lacking = [
        word
        for word in subject
        if word not in held and not columns.holds(word) and not any(_share_root(word, each) for each in in_columns)
    ]
    return held if asked and not lacking else set()


def _share_root(one: str, other: str) -> bool:
    alike = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    return alike.size >= MIN_ROOT_LETTERS
