"""Computes over all rows of one table: the row with the highest or lowest value, how many rows there are, and which
have a mark. Where it is not plain which rows or which column are meant, it returns nothing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag_service.domain.answering.language.word_match import Words, asked_words
from rag_service.domain.answering.tables.columns import cells
from rag_service.domain.answering.tables.table_questions import TableQuestion, says_little
from rag_service.domain.answering.values import cell_kinds

Row = tuple[tuple[str, str], ...]
"""The names and values of a row's cells."""
Kind = tuple[str, ...]
"""The words that name what a row is, as `word_match.asked_words` gives them."""
MIN_ROWS = 2
ENOUGH_VALUES = 0.8
"""The share of rows that must have a value where values are compared."""
MIN_NAMED = 0.8
"""How far a column's name must hold a word that names it."""
MIN_ABOUT = 0.7
"""How far headings or the title must hold a word for the rows: `fleet` has cars."""
SURELY_NAMED = 2
"""Words of a question that name one column beyond doubt, whatever its values are."""
THOUSAND_DIGITS = 3
MAX_KIND_WORDS = 4
"""Words of a question that are looked for together as a value."""

_NUMBER = re.compile(r"[-−]?\d+(?:[.,'’ \u00a0]\d+)*")
_UNIT = re.compile(r"[^\W\d_]+|[€$£¥%°]")
_ONE_DECIMAL = re.compile(r"(?<=\d)[.,]\d\W*$")
_SIZE_COLUMN = Words(
    "seats seat capacity size area people persons places m2 m² sqm plätze sitzplätze größe fläche kapazität personen"
    " places capacité superficie taille personnes plazas capacidad superficie tamaño personas"
)
_STOCK_COLUMN = Words(
    "stock available availability quantity bestand lagerbestand vorrat stückzahl disponible existencias"
)
_YES = frozenset(["yes", "y", "true", "x", "✓", "✔", "ja", "oui", "sí", "si", "vorhanden", "available", "included"])
_NO = frozenset(["no", "n", "false", "-", "–", "—", "none", "nein", "non", "nicht", "0"])


@dataclass(frozen=True)
class TableAnswer:
    """The rows that answer, by their indexes, and what a reader has to know beside them."""

    rows: tuple[int, ...]
    column: str
    """The column that was compared; empty where rows were counted."""
    of: int
    """How many rows were looked at."""


def rows_of(texts: Sequence[str]) -> list[Row]:
    """Return the cells of rows."""
    return [tuple(cells(text)) for text in texts]


def computed(asked: TableQuestion, rows: Sequence[Row], about: Words) -> TableAnswer | None:
    """Return the rows that answer a question about a table; None where that is not plain.

    `about`: the words of the table's headings and of its document.
    """
    if len(rows) < MIN_ROWS or asked.asked == "total" or not all(map(_is_named, rows)):
        return None
    if asked.asked == "extreme":
        return _extreme(asked, rows, about)
    if asked.asked == "count":
        return _count(asked, rows, about)
    return _with_mark(asked, rows, about)


def _is_named(row: Row) -> bool:
    """Return whether each cell has a name, but for the row's group or label."""
    return bool(row[-1][0]) and all(name for name, _ in row[1:])


def _extreme(asked: TableQuestion, rows: Sequence[Row], about: Words) -> TableAnswer | None:
    column = _compared_column(asked, rows)
    if column is None:
        return None
    own = Words(column)
    rest = [word for word in asked.subject if own.holds(word) < 1]
    meant = _meant(rest, rows, about)
    if not meant:
        return None
    values = {index: value for index in meant if (value := dict(rows[index]).get(column))}
    if len(values) < ENOUGH_VALUES * len(meant):
        return None
    best = _best(values, highest=asked.highest)
    return TableAnswer(best, column, len(meant)) if best else None


def _compared_column(asked: TableQuestion, rows: Sequence[Row]) -> str | None:
    """Return the column to compare: the one that the question names, else the only one of what is compared."""
    names = list(dict.fromkeys(name for row in rows for name, _ in row))
    numeric = [name for name in names if _is_numeric(name, rows)]
    by_words = {name: _words_named(name, asked.subject) for name in numeric}
    named = [name for name in numeric if by_words[name] and by_words[name] == max(by_words.values())]
    if asked.dimension == "named":
        return named[0] if len(named) == 1 else None
    fitting = [name for name in numeric if all(_has(asked.dimension, name, row) for row in rows if name in dict(row))]
    if both := [name for name in fitting if name in named]:
        fitting = both
    if not fitting and len(named) == 1 and by_words[named[0]] >= SURELY_NAMED:
        # "the cheapest zone up to 2 kg", where `Up to 2 kg` has figures without a currency.
        fitting = named
    return fitting[0] if len(fitting) == 1 else None


def _words_named(column: str, subject: Sequence[str]) -> int:
    """Return how many words of a question name a column."""
    own = Words(column)
    return sum(own.holds(word) >= MIN_NAMED for word in subject)


def _has(dimension: str, name: str, row: Row) -> bool:
    value = dict(row)[name]
    if dimension == "money":
        # A sheet shows 9.50 as 9.5.
        return cell_kinds.has_money(name, value) or cell_kinds.has_money(name, _ONE_DECIMAL.sub("", value))
    if dimension == "size":
        return (
            any(_SIZE_COLUMN.holds(word) == 1 for word in asked_words(name))
            or re.search(r"m²|\bsqm\b|\bqm\b", name) is not None
        )
    return cell_kinds.has_dimension(name, value, dimension)


def _is_numeric(column: str, rows: Sequence[Row]) -> bool:
    values = [value for row in rows for name, value in row if name == column]
    numbers = [_NUMBER.findall(value) for value in values]
    return (
        len(values) >= ENOUGH_VALUES * len(rows)
        and all(len(each) == 1 for each in numbers)
        and not all(cell_kinds.has_code(value) for value in values)
        and not any(cell_kinds.has_contact(column, value) and not cell_kinds.has_money(column, value) and
                    column.casefold().startswith(("phone", "tel", "ext")) for value in values)
    )  # fmt: skip


def _best(values: dict[int, str], *, highest: bool) -> tuple[int, ...]:
    """Return the rows with the highest or lowest number.

    None where units differ, or where it depends on whether a mark is one of decimals or of thousands.
    """
    if len({tuple(sorted(unit.casefold() for unit in _UNIT.findall(value))) for value in values.values()}) > 1:
        return ()
    found: set[tuple[int, ...]] = set()
    for thousands in (False, True):
        numbers = {index: _number(value, thousands=thousands) for index, value in values.items()}
        best = (max if highest else min)(numbers.values())
        found.add(tuple(index for index, number in numbers.items() if number == best))
    return found.pop() if len(found) == 1 else ()


def _number(value: str, *, thousands: bool) -> float:
    """Return the number of a value; `thousands`: whether a mark before three digits alone groups thousands."""
    digits = re.sub(r"['’ \u00a0]", "", _NUMBER.search(value)[0]).replace("−", "-")  # type: ignore[index]
    marks = [each for each in digits if each in ".,"]
    if not marks:
        return float(digits)
    last = marks[-1]
    whole, _, decimals = digits.rpartition(last)
    if marks.count(last) > 1 or (len(decimals) == THOUSAND_DIGITS and len(set(marks)) == 1 and thousands):
        return float(re.sub(r"[.,]", "", digits))
    return float(f"{re.sub(r'[.,]', '', whole)}.{decimals}")


def _meant(words: Sequence[str], rows: Sequence[Row], about: Words) -> list[int]:
    """Return the rows that are meant; none if a word fits neither rows nor the table."""
    meant = list(range(len(rows)))
    for kind in _kinds(words, rows):
        chosen = _having(kind, rows)
        if chosen:
            meant = [index for index in meant if index in chosen]
        elif not (says_little(kind[0]) or about.holds(kind[0]) >= MIN_ABOUT or _names(kind[0], rows[0])):
            return []
    return meant


def _kinds(words: Sequence[str], rows: Sequence[Row]) -> list[Kind]:
    """Return the words in their order, those together that are a cell's value: "garden chair"."""
    found: list[Kind] = []
    at = 0
    while at < len(words):
        lengths = range(min(MAX_KIND_WORDS, len(words) - at), 1, -1)
        length = next((each for each in lengths if _having(tuple(words[at : at + each]), rows)), 1)
        found.append(tuple(words[at : at + length]))
        at += length
    return found


def _having(kind: Kind, rows: Sequence[Row]) -> frozenset[int]:
    """Return the rows of a kind: those with a cell that is its words, else those with a cell that ends with them."""
    for is_there in (_is_whole, _ends):
        by_column: dict[str, set[int]] = {}
        for index, row in enumerate(rows):
            for name, value in row:
                if is_there(kind, value):
                    by_column.setdefault(name, set()).add(index)
        if len(by_column) == 1:
            return frozenset(next(iter(by_column.values())))
        if by_column:
            return frozenset()
    return frozenset()


def _is_whole(kind: Kind, value: str) -> bool:
    return asked_words(value) == kind


def _ends(kind: Kind, value: str) -> bool:
    own = tuple(each for each in asked_words(value) if each.isalpha())
    return len(own) > len(kind) and own[-len(kind) :] == kind


def _names(word: str, row: Row) -> bool:
    return any(Words(name).holds(word) == 1 for name, _ in row)


def _count(asked: TableQuestion, rows: Sequence[Row], about: Words) -> TableAnswer | None:
    """Return the counted rows: each must be one of what is counted, by the name of its first column or a kind."""
    if not asked.subject:
        return None
    key = rows[0][0][0]
    noun, *rest = asked.subject
    is_key = Words(key).holds(noun) == 1
    if is_key and (marked := _with_mark(asked, rows, about)):
        return marked
    keys = [dict(row).get(key) for row in rows]
    if len(set(keys)) != len(keys) or None in keys:
        return None
    words = rest if is_key else asked.subject
    meant = _meant(words, rows, Words("") if not is_key else about)
    # A word that only names a column asks for that column's value: "How many seats …", "… are in stock?".
    if any(_names(kind[0], rows[0]) and not _having(kind, rows) for kind in _kinds(words, rows)):
        return None
    if not meant or (not is_key and len(meant) == len(rows)):
        return None
    return TableAnswer(tuple(meant), "", len(rows))


def _with_mark(asked: TableQuestion, rows: Sequence[Row], about: Words) -> TableAnswer | None:
    names = list(dict.fromkeys(name for row in rows for name, _ in row))
    if asked.none_left:
        stock = [name for name in names if any(_STOCK_COLUMN.holds(word) == 1 for word in asked_words(name))]
        if len(stock) != 1 or not _is_numeric(stock[0], rows):
            return None
        chosen = [index for index, row in enumerate(rows) if _number(dict(row)[stock[0]], thousands=False) == 0]
        meant = _meant(asked.subject, rows, about)
        return TableAnswer(tuple(index for index in chosen if index in meant), stock[0], len(meant)) if meant else None
    marked = [name for name in names if _is_mark(name, rows) and _words_named(name, asked.subject)]
    if len(marked) != 1:
        return None
    own = Words(marked[0])
    meant = _meant([word for word in asked.subject if own.holds(word) < MIN_NAMED], rows, about)
    wanted = _NO if asked.negated else _YES
    chosen = [index for index in meant if dict(rows[index])[marked[0]].strip().casefold() in wanted]
    return TableAnswer(tuple(chosen), marked[0], len(meant)) if chosen else None


def _is_mark(column: str, rows: Sequence[Row]) -> bool:
    values = [dict(row).get(column, "").strip().casefold() for row in rows]
    return all(value in _YES | _NO for value in values) and len(set(values)) > 1


def tables(found: Sequence[tuple[Any, str]]) -> list[tuple[list[Any], list[Row]]]:
    """Return the tables of rows: rows belong together if they share most of their columns.

    `found`: what a row belongs to, such as its place, and its text.
    """
    made: list[tuple[list[Any], list[Row], set[str]]] = []
    for place, text in found:
        row = tuple(cells(text))
        names = {name for name, _ in row}
        table = next((each for each in made if 2 * len(names & each[2]) >= max(len(names), 2)), None)
        if table is None:
            made.append(table := ([], [], set()))
        table[0].append(place)
        table[1].append(row)
        table[2].update(names)
    return [(places, rows) for places, rows, _ in made]
