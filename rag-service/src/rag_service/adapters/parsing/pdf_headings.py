"""Finds the headings of a PDF: lines in larger letters, and bold lines that stand above the text they name."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from rag_service.adapters.parsing.outline import MAX_HEADING_CHARACTERS
from rag_service.adapters.parsing.pdf_layout import Line

LARGER = 1.15
HEADING_SIZES = 4
MAX_STRONG_SHARE = 0.3
MAX_STRONG_CHARACTERS = 90
MIN_STEP_ABOVE, MAX_STEP_BELOW = 1.25, 3.5
"""The distance of a bold heading to the lines beside it, by the letters' size."""
_CLAUSE = re.compile(r"(?:§ ?)?(?:\d{1,3}(?:\.\d{1,3}){0,4}[.)]?|[A-Z][.)])\s+")
_LETTER = re.compile(r"[^\W\d_]")
_NO_HEADING = re.compile(r"[\d:|]|[.,;]$")


class Level(NamedTuple):
    """How a line heads those below it."""

    number: int
    """1 is the highest."""
    large: bool
    """Its letters are larger than those of the text; else it is only bold, and no title of a document."""


def heading_levels(pages: Sequence[Sequence[Line]]) -> dict[int, Level]:
    """Return the level of each line that is a heading, by the line's `id`."""
    lines = [line for page in pages for line in page]
    sizes = _sizes(lines)
    found = {
        id(line): Level(sizes[line.size], True)
        for line in lines
        if line.size in sizes and len(line.text) <= MAX_HEADING_CHARACTERS
    }
    letters = sum(len(line.text) for line in lines)
    if sum(len(line.text) for line in lines if line.strong and id(line) not in found) > MAX_STRONG_SHARE * letters:
        return found
    below = Level(min(HEADING_SIZES, max(sizes.values(), default=0)) + 1, False)
    for page in pages:
        for at, line in enumerate(page):
            above = page[at - 1] if at else None
            following = page[at + 1] if at + 1 < len(page) else None
            if line.strong and id(line) not in found and _names(line, above, following):
                found[id(line)] = below
    return found


def _sizes(lines: Sequence[Line]) -> dict[float, int]:
    """Return the font sizes of headings and their levels: sizes larger than that of most of the text."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text)
    usual = letters.most_common(1)[0][0] if letters else 0.0
    larger = sorted((size for size in letters if size > usual * LARGER), reverse=True)
    return {size: min(level, HEADING_SIZES) for level, size in enumerate(larger, 1)}


def _names(line: Line, above: Line | None, below: Line | None) -> bool:
    """Return whether a bold line is a heading: it tells nothing by itself, and text follows."""
    text = _CLAUSE.sub("", line.text, count=1)
    if len(text) > MAX_STRONG_CHARACTERS or not _LETTER.search(text) or _NO_HEADING.search(text) or text[0].islower():
        return False
    if below is None or below.strong or not 0 < line.base - below.base <= MAX_STEP_BELOW * line.size:
        return False
    if above is None or above.base <= line.base:
        return True
    return above.base - line.base > MIN_STEP_ABOVE * line.size or above.text.endswith((".", "!", "?"))
