"""Decides which of a table's first rows name its columns; a table without such rows has none.

A wrong head is worse than a missing one: it gives every value of the table a wrong name. So a row is a head
only by evidence: its marks, the kinds of the values below it, the words that people name columns with.
"""

import re
from collections import Counter
from collections.abc import Sequence

from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.kinds import Kind, is_year, kind_of, unit_of
from rag_service.adapters.parsing.tables.names import answers, asks, is_name
from rag_service.adapters.parsing.tables.series import is_series

MAX_NAME_CHARACTERS = 80
MAX_LEVELS = 4
SAMPLE_ROWS = 40
TYPED_SHARE = 0.6
"""A column is of a kind if so many of its values are."""
UNTYPED = (Kind.WORDS, Kind.GAP, Kind.EMPTY)
MIN_SCORE = 2
MIN_ROWS_BELOW = 3
MAX_STEP_CHARACTERS = 24
_PRICE = re.compile(r"\d[.,]\d\d\b|[€$£]")
_AGES = re.compile(r"\d{1,2} ?(?:\+|[–-] ?\d{1,2})")
"""`65+` or `6–12`, which names a column of prices for people of that age."""


def head_levels(rows: Sequence[Row], *, usual: bool = False) -> int:
    """Return how many of the first rows name the columns. `usual`: files of this kind mostly begin with names."""
    if not rows:
        return 0
    first = rows[0].cells
    if len(first) == 2 and asks(first[0]) and answers(first[1]) and not any(" " in cell.strip() for cell in first):
        # `Q | A`, which are no words.
        return 1
    marked = 0
    while marked < min(len(rows), MAX_LEVELS + 1) and rows[marked].head and not (marked and _is_group(rows[marked])):
        marked += 1
    if 0 < marked < len(rows) and marked <= MAX_LEVELS:
        deepest = max(row.down + at for at, row in enumerate(rows[:marked]))
        if marked < deepest <= MAX_LEVELS and deepest < len(rows):
            return deepest
        if _has_levels(rows[marked - 1], rows[marked]) and _names(rows, marked, usual=False):
            return marked + 1
        return marked + _goes_deeper(rows, marked)
    if marked:
        # Every row is marked, so the mark says nothing.
        return 1 if len(rows) > 1 and _names(rows, 0, usual=usual) else 0
    last = 0
    while last < min(MAX_LEVELS, len(rows)) - 1 and _has_levels(rows[last], rows[last + 1]):
        last += 1
    for level in range(last, -1, -1):
        if _names(rows, level, usual=usual):
            return level + 1 + _goes_deeper(rows, level + 1)
    return 0


def may_name(row: Row) -> bool:
    """Return whether a row could name columns: it holds several words, and no value."""
    filled = row.filled()
    return len(filled) > 1 and all(_may_name(row.cells[at]) for at in filled)


def joined_names(rows: Sequence[Row]) -> list[str]:
    """Return the name of each column, the words of its levels joined: `2025 Q1`."""
    width = max((len(row.cells) for row in rows), default=0)
    levels = []
    for number, row in enumerate(rows):
        cells = [*row.cells, *[""] * (width - len(row.cells))]
        if row.starts is None and number + 1 < len(rows):
            lower = rows[number + 1].cells
            for at in range(1, width):
                # `2025 | | 2026 |` above `Q1 | Q2 | Q1 | Q2`: the name stands above the columns up to the next one.
                if not cells[at] and at < len(lower) and lower[at]:
                    cells[at] = cells[at - 1]
        levels.append(cells)
    return [" ".join(dict.fromkeys(filter(None, (cells[at].strip() for cells in levels)))) for at in range(width)]


def column_kinds(rows: Sequence[Row], width: int) -> list[Kind]:
    """Return the kind of each column's values, WORDS where they differ."""
    kinds = []
    for at in range(width):
        found = Counter(kind_of(row.cells[at]) for row in rows[:SAMPLE_ROWS] if at < len(row.cells) and row.cells[at])
        kinds.append(_main_kind(found))
    return kinds


def starts_new_head(row: Row, kinds: Sequence[Kind], *, below_line: bool) -> bool:
    """Return whether a row within a table names the columns of another one that begins here.

    `kinds`: of the columns so far. `below_line`: whether the row above holds one text, as a title does.
    """
    cells = row.cells
    for at, kind in enumerate(kinds):
        if kind not in UNTYPED and at < len(cells) and cells[at][:1].isdigit():
            return False
    filled = row.filled()
    if len(filled) < 2 or any(kind_of(cells[at]) is not Kind.WORDS for at in filled):
        return False
    if row.head:
        return True
    known = sum(is_name(cells[at]) for at in filled)
    other_kind = any(kind not in UNTYPED and at < len(cells) and cells[at] for at, kind in enumerate(kinds))
    return (other_kind or below_line) and (known * 2 > len(filled) if not row.strong else known > 0)


def until_next_head(rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows up to a line with a further head below it."""
    for number in range(2, len(rows) - 1):
        if len(rows[number].filled()) == 1 and starts_new_head(rows[number + 1], (), below_line=True):
            return rows[:number]
    return rows


def _is_group(row: Row) -> bool:
    return row.filled() == [0]


def _has_levels(row: Row, lower: Row) -> bool:
    """Return whether a row of names may have another one below it: some name stands above several columns."""
    filled = row.filled()
    if row.starts is not None:
        return len(filled) > 1 or (bool(filled) and filled[0] > 0)
    if len(filled) < 2:
        return False
    gaps = [at for at in range(1, min(len(row.cells), len(lower.cells))) if not row.cells[at] and lower.cells[at]]
    return bool(gaps) and not any(not _may_name(lower.cells[at]) for at in gaps)


def _goes_deeper(rows: Sequence[Row], level: int) -> bool:
    """Return whether the row below the names says more of them, as steps and units: `1–4 | from 5 | °C`.

    It has no first cell, which all rows below have, no money, and each of its texts stands below a name or right of it.
    """
    if level >= min(len(rows), MAX_LEVELS):
        return False
    lower, upper = rows[level], rows[level - 1]
    filled, full = lower.filled(), [row for row in rows[level + 1 :][:SAMPLE_ROWS] if len(row.filled()) > 1]
    if not filled or filled[0] == 0 or len(full) < MIN_ROWS_BELOW or not all(row.cells[0] for row in full):
        return False
    texts = [lower.cells[at].strip() for at in filled]
    named = len(upper.filled()) > 1 and all(any(upper.cells[1 : at + 1]) for at in filled)
    return named and all(len(text) <= MAX_STEP_CHARACTERS and not _PRICE.search(text) for text in texts)


def _may_name(cell: str) -> bool:
    return len(cell) <= MAX_NAME_CHARACTERS and (kind_of(cell) in (Kind.WORDS, Kind.CODE, Kind.DAY) or is_year(cell))


def _names(rows: Sequence[Row], level: int, *, usual: bool) -> bool:
    """Return whether a row names the columns of the rows below it."""
    first = rows[level]
    filled = [at for at, cell in enumerate(first.cells) if cell.strip()]
    below = rows[level + 1 : level + 1 + SAMPLE_ROWS]
    # A head that is repeated on each printed page tells nothing about the values.
    body = [row for row in below if len(row.filled()) > 1 and list(row.cells) != list(first.cells)]
    if len(first.filled()) < 2 or not body or any(len(first.cells[at]) > MAX_NAME_CHARACTERS for at in filled):
        return False
    texts = [first.cells[at].strip() for at in filled]
    if len({text.casefold() for text in texts}) == 1:
        return False
    columns = {
        at: [row.cells[at].strip() for row in body if at < len(row.cells) and row.cells[at].strip()] for at in filled
    }
    width = max(len(row.cells) for row in body)
    if len(filled) * 2 < width or any(first.cells[at].strip() in columns[at] for at in filled):
        return False
    score, typed, clashes = 0, 0, 0
    for at in filled:
        found = _evidence(first.cells[at].strip(), columns[at])
        typed += found > 0
        clashes += found < 0
        score += found or _shape(first.cells[at].strip(), columns[at])
    known = sum(map(is_name, texts))
    if clashes:
        # `Product | 2025 | 2026` names columns of figures.
        years = [text for text in texts if is_year(text)]
        of_years = clashes <= len(years) and len(years) > 1 and not all(map(is_year, texts))
        if not of_years and not is_series(texts, columns):
            return False
        typed, score = typed + 1, score + 2 * clashes + 2
    strong = first.strong and not all(row.strong for row in body)
    if len(filled) == 2 and width == 2:
        return _names_two(
            texts, list(columns.values()), known=known, typed=typed, score=score, marked=strong, usual=usual
        )
    if strong or known * 2 > len(filled) or (known and (typed or usual)):
        return True
    return (typed > 1 or (typed == 1 and len(body) > 1)) or score >= MIN_SCORE + 1


def _names_two(
    texts: list[str], columns: list[list[str]], *, known: int, typed: int, score: int, marked: bool, usual: bool
) -> bool:
    """Return whether the first row of two columns names them. In a form, `Town | Berlin`, it does not."""
    keys, values = columns if len(columns) == 2 else (columns[0], [])
    # Steps, such as `bis 5 km`, begin with a word that also names a column.
    keys_are_names = sum(is_name(key) and kind_of(key) is not Kind.FIGURE for key in keys) * 2 >= len(keys)
    if keys_are_names and known < 2:
        return False
    if known == 2 or marked:
        return True
    one_unit = len({unit_of(value) for value in values}) == 1
    if typed and (known or one_unit or kind_of(keys[0] if keys else "") not in UNTYPED):
        return len(values) > 2 or bool(known) or usual
    return bool(known and usual and not keys_are_names) or score > MIN_SCORE + (not usual)


def _column(rows: Sequence[Row], at: int) -> list[str]:
    return [text for row in rows if at < len(row.cells) and (text := row.cells[at].strip())]


def _main_kind(found: Counter[Kind]) -> Kind:
    total = found.total()
    if not total:
        return Kind.WORDS
    kind, count = found.most_common(1)[0]
    if count >= TYPED_SHARE * total:
        return kind
    typed = sum(number for each, number in found.items() if each not in UNTYPED)
    return Kind.CODE if typed >= TYPED_SHARE * total else Kind.WORDS


def _evidence(name: str, values: Sequence[str]) -> int:
    """Return 2 where a name stands above values of another kind, -2 where it is a value itself, else 0."""
    if not values:
        return 0
    last = name.split()[-1].casefold()
    if len(values) > 1 and " " in name and all(value.split()[-1].casefold() == last for value in values):
        # `First tier` above `Middle tier` and `Upper tier` is one of them.
        return -2
    main = _main_kind(Counter(map(kind_of, values)))
    mine = kind_of(name)
    if _AGES.fullmatch(name) and not any(_AGES.fullmatch(value) for value in values):
        return 0
    if mine is main and main not in UNTYPED:
        return -2
    if mine in (Kind.FIGURE, Kind.DATE, Kind.TIME, Kind.ADDRESS, Kind.CHOICE):
        return 0 if is_year(name) and main is not Kind.WORDS else -2
    if mine is Kind.GAP or main in UNTYPED:
        return 0
    # `Room A` above `Room 12` is one of them; `Room` alone is their name, as is `Year group` above `Year 7`.
    word = name.split()[0].casefold()
    if (
        " " in name
        and not is_name(name.split()[-1])
        and sum(value.split()[0].casefold() == word for value in values) * 2 > len(values)
    ):
        return -2
    return 2


def _shape(name: str, values: Sequence[str]) -> int:
    """Return 1 where a column of words is unlike the word above it: longer, of more words, or repeating itself."""
    if not values:
        return 0
    words = [len(value.split()) for value in values]
    mine = len(name.split())
    if is_name(name):
        return 2
    if name[:1].islower() and all(value[:1].isupper() for value in values):
        return 1
    if mine <= 3 and sorted(words)[len(words) // 2] >= max(6, 3 * mine):
        return 2
    if mine == 1 and min(words) > 1:
        return 1
    return int(len(values) >= 4 and len(set(values)) * 2 <= len(values))
