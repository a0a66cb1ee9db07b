"""Finds the two rows that a question compares: "Which is cheaper, the 5 micron or the 20 micron cartridge?"."""

import re
from collections.abc import Sequence

from rag_service.domain.answering.language.text_features import COMMON, plain, tokens
from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.units.assessed_passage import subject_of
from rag_service.domain.answering.units.found_unit import FoundUnit
from rag_service.domain.answering.values import cell_kinds

MAX_QUESTION_CHARACTERS = 300
MAX_ALTERNATIVE_WORDS = 10
SAME_WORD = 0.9
"""How far a word must be held."""
PROBABILITY = 0.9
"""That two rows answer which hold every word of what is compared."""

_OR = r"(?:or|vs\.?|versus|oder|ou|o)"
_COMPARES = re.compile(
    r"(?i)\b(?:cheaper|dearer|more \w+|less \w+|fewer|better|bigger|larger|smaller|longer|shorter|heavier|lighter"
    r"|faster|slower|higher|lower|older|newer|earlier|later|sooner|difference between|compare[ds]?"
    r"|billiger|günstiger|teurer|größer|kleiner|länger|kürzer|schwerer|leichter|schneller|höher|niedriger|mehr|weniger"
    r"|(?:moins|plus) \w+|más \w+|menos \w+|più \w+|meno \w+|goedkoper|duurder|groter|kleiner|langer|korter)\b"
)
_MONEY = re.compile(
    r"(?i)\b(?:cheaper|dearer|(?:more|less) expensive|costs? (?:more|less)|billiger|günstiger|teurer"
    r"|(?:moins|plus) ch(?:er|ère)s?|(?:más|menos) (?:barat|car|económic)[oa]s?|(?:più|meno) (?:car|costos)[oa]"
    r"|goedkoper|duurder)\b"
)
_LEADING = re.compile(r"^.*[,:–]\s")
_TRAILING = re.compile(r"(?i)\s(?:in|on|for|by|im|beim|bei|en|por|pour|per)\s+[^\W\d_]+$")
"""The column to compare, as in "difference in price"."""
_NUMBER = re.compile(r"\d+(?:[.,'’ \u00a0]\d+)*")
_THOUSAND_DIGITS = 3


def alternatives(question: str) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return the words of the two things that a question compares; None if it compares none.

    A word that stands once is meant of both: in "the 5 or the 20 micron cartridge" both are cartridges.
    """
    text = " ".join(plain(question[:MAX_QUESTION_CHARACTERS]).split()).rstrip(" ?.!")
    if not (compares := _COMPARES.search(text)):
        return None
    also_and = compares[0].casefold().startswith(("difference", "compare"))
    parts = re.split(rf"(?i)\s(?:{_OR}{'|and|und|et|y|en' if also_and else ''})\s", text)
    if len(parts) != len(("one", "other")):
        return None
    before = parts[0][compares.end() :] if also_and else _LEADING.sub("", parts[0])
    one, other = (_named(_COMPARES.sub(" ", part)) for part in (before, _TRAILING.sub("", parts[1])))
    if not one or not other or max(len(one), len(other)) > MAX_ALTERNATIVE_WORDS:
        return None
    if len(one) < len(other):
        one = (*one, *other[len(one) :])
    elif len(other) < len(one):
        other = (*one[: len(one) - len(other)], *other)
    return (one, other) if set(one) != set(other) else None


def compared_rows(question: str, found: Sequence[FoundUnit]) -> tuple[list[FoundUnit], str] | None:
    """Return the two rows that a question compares, and a note which is lower; None where either is not found.

    The note is empty where it is not plain which column is compared.
    """
    pair = alternatives(question)
    if pair is None:
        return None
    rows = [each for each in found if each.unit.unit.kind == "row"]
    shared = frozenset(pair[0]) & frozenset(pair[1])
    first, second = (_row_of(words, shared, rows) for words in pair)
    if first is None or second is None or first.core.shown == second.core.shown:
        return None
    return [first, second], _note(question, first, second, pair)


def _named(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.findall(r"\d+(?:[.,]\d+)?|[^\W_]+", text.casefold()) if word not in COMMON)


def _row_of(words: Sequence[str], shared: frozenset[str], rows: Sequence[FoundUnit]) -> FoundUnit | None:
    """Return the only row with a cell that holds these words; None if there is none, or several different ones.

    Of the `shared` words, which both things have, headings and names of columns may hold some.
    """
    fitting = [(len(_named(value)), row) for row in rows if (value := _cell_of(row, words, shared)) is not None]
    shortest = min((length for length, _ in fitting), default=0)
    best = [row for length, row in fitting if length == shortest]
    return best[0] if len({row.core.shown for row in best}) == 1 else None


def _cell_of(row: FoundUnit, words: Sequence[str], shared: frozenset[str]) -> str | None:
    """Return the shortest cell that names a row by these words."""
    passage = row.assessed.passage
    names = " ".join(name for name, _ in cells(row.core.shown))
    about = Words(" ".join([subject_of(passage), *passage.heading, passage.title, names]))
    needed = [word for word in words if not (word in shared and word.isalpha() and _is_held(word, about))]
    found = [value for _, value in cells(row.core.shown) if _holds(value, needed)]
    return min(found, key=len, default=None)


def _holds(value: str, words: Sequence[str]) -> bool:
    there, plain_words = Words(value), frozenset(_named(value))
    return bool(words) and all(word in plain_words or (word.isalpha() and _is_held(word, there)) for word in words)


def _is_held(word: str, there: Words) -> bool:
    return all(there.holds(each) >= SAME_WORD for each in asked_words(word))


def _note(question: str, first: FoundUnit, second: FoundUnit, pair: tuple[tuple[str, ...], tuple[str, ...]]) -> str:
    one, other = dict(cells(first.core.shown)), dict(cells(second.core.shown))
    shared = [name for name in one if name and name in other and _one_number(one[name]) and _one_number(other[name])]
    if _MONEY.search(question):
        columns = [name for name in shared if all(cell_kinds.has_money(name, row[name]) for row in (one, other))]
    else:
        mine = Words(question)
        columns = [name for name in shared if any(mine.holds(word) >= 0.9 for word in asked_words(name))]
    if len(columns) != 1 or _unit(one[columns[0]]) != _unit(other[columns[0]]):
        return ""
    column = columns[0]
    order = {_order(one[column], other[column], in_thousands=each) for each in (False, True)}
    if len(order) != 1 or (way := order.pop()) == 0:
        return ""
    low, high, words = (one, other, pair[0]) if way < 0 else (other, one, pair[1])
    named = _cell_of(first if way < 0 else second, words, frozenset(pair[0]) & frozenset(pair[1]))
    return f"{column} {low[column]} ({named}) is lower than {high[column]}."


def _one_number(value: str) -> bool:
    return len(_NUMBER.findall(value)) == 1


def _unit(value: str) -> list[str]:
    return tokens(_NUMBER.sub(" ", value)) + re.findall(r"[€$£¥%]", value)


def _order(one: str, other: str, *, in_thousands: bool) -> int:
    first, second = (_number(each, in_thousands=in_thousands) for each in (one, other))
    return (first > second) - (first < second)


def _number(value: str, *, in_thousands: bool) -> float:
    """Return a value's number; `in_thousands`: whether a lone mark before three digits groups thousands."""
    digits = re.sub(r"['’ \u00a0]", "", _NUMBER.findall(value)[0])
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return float(digits)
    whole, _, decimals = digits.rpartition(marks[-1])
    if marks.count(marks[-1]) > 1 or (in_thousands and len(marks) == 1 and len(decimals) == _THOUSAND_DIGITS):
        return float(re.sub(r"[.,]", "", digits))
    return float(f"{re.sub('[.,]', '', whole)}.{decimals}")
