"""Reads forms, in which a row holds several names with their values: `Asset | Forklift | No. | FL-7`."""

from collections.abc import Sequence

from rag_service.adapters.parsing.cleaning import one_line
from rag_service.adapters.parsing.tables.grid import Row
from rag_service.adapters.parsing.tables.kinds import Kind, kind_of
from rag_service.adapters.parsing.tables.names import is_name

MIN_ROWS = 2
MAX_CELLS = 8
MIN_CELLS = 4
MAX_KEY_WORDS = 4
MIN_KNOWN = 0.5
"""The share of rows with a name that is known, and of those with several names."""
MAX_KNOWN_VALUES = 0.25
"""The share of values that read as names themselves."""


def is_form(rows: Sequence[Row]) -> bool:
    """Return whether rows are pairs of names and values, of which most rows hold several."""
    texts = [_texts(row) for row in rows]
    if len(texts) < MIN_ROWS or any(len(each) % 2 or len(each) > MAX_CELLS for each in texts):
        return False
    if sum(len(each) >= MIN_CELLS for each in texts) < MIN_KNOWN * len(texts):
        return False
    keys = [[key for key in each[::2] if key] for each in texts]
    values = [value for each in texts for value in each[1::2] if value]
    every = [key for each in keys for key in each]
    if len(set(every)) < len(every) or not values or not all(map(_may_be_key, every)):
        return False
    known = sum(any(map(_is_known, each)) for each in keys)
    return known >= MIN_KNOWN * len(texts) and sum(map(_is_known, values)) <= MAX_KNOWN_VALUES * len(values)


def form_lines(row: Row) -> list[str]:
    """Return a line for each name with a value."""
    texts = _texts(row)
    pairs = zip(map(one_line, texts[::2]), map(one_line, texts[1::2]), strict=True)
    return [f"{key.rstrip(' :')}: {value}" if key else value for key, value in pairs if value]


def _texts(row: Row) -> list[str]:
    """Return the cells of a row, each once; an empty one at the end if a value is missing there."""
    starts = row.starts
    texts = [cell.strip() for at, cell in enumerate(row.cells) if starts is None or starts[at] == at]
    while texts and not texts[-1]:
        texts.pop()
    return [*texts, ""] if len(texts) % 2 else texts


def _may_be_key(text: str) -> bool:
    return text.endswith(":") or (kind_of(text) is Kind.WORDS and len(text.split()) <= MAX_KEY_WORDS)


def _is_known(text: str) -> bool:
    return text.endswith(":") or is_name(text)
