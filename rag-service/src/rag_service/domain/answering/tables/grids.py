"""Reads grids: timetables, rotas and price matrices, in which what is asked stands at the head of a row or a column, or
in the cell with what the question names."""

import re
from collections.abc import Sequence

from rag_service.domain.answering.answer_kind import asked_kind, names_price
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.asked_period import is_for_period
from rag_service.domain.answering.tables.named_columns import days_of
from rag_service.domain.answering.tables.people_groups import groups_in
from rag_service.domain.answering.values import cell_kinds

Cells = Sequence[tuple[str, str]]
"""The names and values of a row's cells."""
_JOINED = re.compile(r"(?i)\b(?:and|und|et|y|e)\b|[+&]")
HOW_MUCH = re.compile(
    r"(?i)\bhow much (?:is|are|for|extra)\b|\b(?:wie ?viel|was) kost|\bwie teuer|\bcombien (?:coûte|ça|vaut)"
    r"|\bcuánto (?:cuesta|vale)"
)
_BESIDE = re.compile(r"\([^)]*\)")
(_PRICE,) = asked_words("price")
PRICE_WORD = 0.7
"""How far a word of a label must be one for a price."""
_INSIDE = re.compile(r"\(([^\W\d_a-zß][\w'’.-]+(?: [^\W\d_a-zß][\w'’.-]+){0,2})\)")
"""A name in brackets behind the thing that it belongs to: `Judo (Petra)`."""
_LEVELS = Words(
    "beginners intermediate improvers advanced all level levels mixed open private online anfänger fortgeschrittene"
    " einsteiger mittelstufe alle débutants avancés tous principiantes avanzado todos"
)
"""In brackets they say for whom a thing is, not who does it."""


def label_of_price(every: Cells, named: frozenset[int], period: str | None) -> frozenset[int]:
    """Return the first cell of a row whose label says that the columns tell prices: `Monthly fee`, `Price`.

    `named`: the columns that the question names; without any, or where the label names a thing or another period than
    the asked one, no cell is returned.
    """
    label = every[0][1]
    words = asked_words(label)
    rest = " ".join(word for word in label.split() if Words(word).holds(_PRICE) < PRICE_WORD)
    if not any(Words(word).holds(_PRICE) >= PRICE_WORD for word in words) or not named or 0 in named:
        return frozenset()
    for_period = not asked_words(rest) or any(
        is_for_period(rest, each) for each in ([period] if period else ("hour", "day", "week", "month", "year"))
    )
    return frozenset([0]) if for_period and any(cell_kinds.has_money(*every[at]) for at in named) else frozenset()


def has_person_inside(question: str, own: frozenset[int], every: Cells) -> bool:
    """Return whether who is asked for stands in brackets behind what the question names: `Judo (Petra)`."""
    if asked_kind(question) != "person":
        return False
    names = [name for at in own for name in _INSIDE.findall(every[at][1])]
    return bool(names) and not any(
        groups_in(name) or any(_LEVELS.holds(word) for word in asked_words(name)) for name in names
    )


def has_time_at_head(
    question: str, own: frozenset[int], named: frozenset[int], of_day: frozenset[int], every: Cells
) -> bool:
    """Return whether days at the heads of columns, or a time at the head of the row, tell when the named things are.

    `own`: the cells with what the question names; `named`: those whose columns it names; `of_day`: by a day.
    """
    if asked_kind(question) != "time" or not own or 0 in own or not cell_kinds.has_time("", every[0][1]):
        return False
    below_days = all(every[at][0] and days_of(every[at][0]) for at in own) and (not of_day or bool(own & of_day))
    return below_days or own <= named


def asks_price(question: str) -> bool:
    """Return whether a question asks what something costs."""
    return names_price(question) or HOW_MUCH.search(question) is not None


def is_of_two_things(question: str, row: Cells) -> bool:
    """Return whether a row's label is two things, of which the question names one in full and of the other nothing."""
    # A cell without a column's name before others with one is the title of a group of rows.
    mine, label = Words(question), next((value for name, value in row if name), row[0][1] if row else "")
    parts = [words for words in map(asked_words, _JOINED.split(_BESIDE.sub(" ", label))) if words]
    named = [[mine.holds(word) > 0 for word in part] for part in parts]
    return any(map(all, named)) and not all(map(any, named)) and not groups_in(label) and not days_of(label)
