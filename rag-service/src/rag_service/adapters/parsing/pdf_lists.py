"""Finds lists in lines of text: prices, phone numbers, rooms, one entry a line."""

import re
from collections.abc import Sequence

from rag_service.adapters.parsing.pdf_layout import Block, Line

MIN_ENTRIES = 4
MIN_ALIKE = 3
"""Entries that are alike but for their figures."""
MAX_ENTRY_CHARACTERS = 90
MAX_ENTRY_WORDS = 12
SAME_EDGE_POINTS, SAME_STEP = 2.0, 0.2
_FIGURE = re.compile(r"[^\w\s]{0,2}\d[\d.,:/()+–-]*[%€$£]?")
_DIGITS = re.compile(r"\d+")
_ENDS = (".", ",", ";", ":", "!", "?", "-", "\x02")


def without_lists(blocks: Sequence[Block]) -> list[Block | list[Line]]:
    """Return a page's blocks; lines that are entries of one list stand together."""
    found: list[Block | list[Line]] = []
    entries: list[Line] = []

    def end() -> None:
        found.extend([list(entries)] if _is_list(entries) else entries)
        entries.clear()

    for block in blocks:
        if isinstance(block, Line) and _is_entry(block):
            if entries and not _goes_on(entries, block):
                end()
            entries.append(block)
        else:
            end()
            found.append(block)
    end()
    return found


def _is_entry(line: Line) -> bool:
    text = line.text
    words = text.split()
    return (
        len(text) <= MAX_ENTRY_CHARACTERS
        and 2 <= len(words) <= MAX_ENTRY_WORDS
        and not text[0].islower()
        and text[0].isalnum()
        and not text.endswith(_ENDS)
        and any(_FIGURE.fullmatch(word) for word in words)
    )


def _goes_on(entries: Sequence[Line], line: Line) -> bool:
    last = entries[-1]
    step = last.base - line.base
    if abs(last.left - line.left) > SAME_EDGE_POINTS or last.size != line.size or step <= 0:
        return False
    usual = entries[0].base - entries[1].base if len(entries) > 1 else step
    return abs(step - usual) <= SAME_STEP * usual


def _is_list(entries: Sequence[Line]) -> bool:
    """Return whether lines are entries. Lines of a text begin at one edge too, but they fill their column."""
    alike = len({_DIGITS.sub("#", line.text) for line in entries}) == 1
    if len(entries) >= MIN_ALIKE and alike:
        return True
    rights = [line.right for line in entries]
    width = max(rights, default=0.0) - min((line.left for line in entries), default=0.0)
    return len(entries) >= MIN_ENTRIES and (max(rights) - min(rights) > 0.1 * width or width < 200)
