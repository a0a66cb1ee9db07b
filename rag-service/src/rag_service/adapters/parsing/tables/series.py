"""Tells whether a first row of quantities or dates names columns: `Zone | 1 kg | 2 kg`, `Name | 3 June | 4 June`."""

import re
from collections.abc import Mapping, Sequence

from rag_service.adapters.parsing.tables.kinds import Kind, kind_of

MIN_STEPS = 2
"""Columns whose names are steps of one series."""
MIN_ROWS_OF_TWO = 2
"""Rows below a head of only so many steps."""
MANY_STEPS = 3
MAX_VALUE = 24
"""Characters of a value in a grid of measures."""
_STEPS = (Kind.FIGURE, Kind.DATE, Kind.DAY, Kind.CODE)
_LAST_WORD = re.compile(r"([^\W\d_]+)[^\w]*$")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SHORT_DATE = re.compile(r"(?:[^\W\d_]{2,3}\.?,? ?)?\d{1,2}(?:\.(?:0?[1-9]|1[0-2])\.|/\d{1,2})")
"""`01.06.`, `Mo 1.6.` and `6/1`, without a year; `10.30` may be a time."""
_BARE = re.compile(r"\d{1,3}")


def is_series(names: Sequence[str], columns: Mapping[int, Sequence[str]]) -> bool:
    """Return whether a row names its columns by the steps of a series, which no value below is.

    `names`: the row's texts; `columns`: the values below each of them, in the same order.
    """
    first, *rest = names
    below = list(columns.values())[1:]
    if kind_of(first) in (Kind.FIGURE, Kind.DATE, Kind.TIME) or len(set(names)) < len(names):
        return False
    steps = [(name, values) for name, values in zip(rest, below, strict=True) if _is_step(name)]
    others = [name for name in rest if not _is_step(name)]
    if len(steps) < MIN_STEPS or any(kind_of(name) is not Kind.WORDS for name in others):
        return False
    if len(steps) < MANY_STEPS and max(len(values) for _, values in steps) < MIN_ROWS_OF_TWO:
        return False
    texts, values = [name for name, _ in steps], [value for _, each in steps for value in each]
    return bool(values) and (_dates(texts, values) or _measures(texts, values) or _counted(texts, values))


def _is_step(name: str) -> bool:
    return (kind_of(name) in _STEPS and _NUMBER.search(name) is not None) or _is_short_date(name)


def _dates(names: Sequence[str], values: Sequence[str]) -> bool:
    dated = all(kind_of(name) is Kind.DATE or _is_short_date(name) for name in names)
    return dated and not any(kind_of(value) is Kind.DATE or _is_short_date(value) for value in values)


def _is_short_date(text: str) -> bool:
    return _SHORT_DATE.fullmatch(text.strip()) is not None


def _measures(names: Sequence[str], values: Sequence[str]) -> bool:
    """Return whether each name is a number with a unit, and no value below has one of these units."""
    units = {_unit(name) for name in names}
    return "" not in units and units.isdisjoint(map(_unit, values)) and all(len(value) <= MAX_VALUE for value in values)


def _counted(names: Sequence[str], values: Sequence[str]) -> bool:
    """Return whether the names count up from one to the next, above values that aren't bare numbers."""
    if not all(_BARE.fullmatch(name) for name in names):
        return False
    numbers = [int(name) for name in names]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and not any(map(_BARE.fullmatch, values))


def _unit(text: str) -> str:
    """Return the word behind a number in its shortest form: `night` and `nights` are one."""
    found = _LAST_WORD.search(text.strip())
    return found[1].lower()[:4].rstrip("s") if found and _NUMBER.search(text) else ""
