"""Finds lists in lines of text: prices, phone numbers, rooms, one entry a line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag_service.adapters.parsing.pdf_layout import Block, Line

MIN_ENTRIES = 4
MIN_ALIKE = 3
"""Entries that are alike but for their figures."""
MAX_ENTRY_CHARACTERS = 90
MAX_ENTRY_WORDS = 12
SAME_EDGE_POINTS, SAME_STEP = 2.0, 0.2
_FIGURE = re.compile(r"[^\w\s]{0,2}\d[\d.,:/()+–-]*[%€$£]?")
_MARKER = re.compile(r"\(?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[a-z])[.)]|\d{1,2}(?:\.\d{1,2}){1,4}")
_LEADER = re.compile(r"\s?(?:[.…·_]\s?){5,}|\s?…{2,}\s?")
_DIGITS = re.compile(r"\d+")
_ENDS = (".", ",", ";", ":", "!", "?", "-", "\x02")


@dataclass(frozen=True)
class Entries:
    """Lines that are entries of one list."""

    lines: list[Line]
    contents: bool = False
    """They name the document's headings and their pages."""

    @property
    def texts(self) -> list[str]:
        """Return the entries, without the dots that lead the eye."""
        return [_LEADER.sub(" | ", line.text).strip(" |") for line in self.lines]


def without_lists(blocks: Sequence[Block], pages: int) -> list[Block | Entries]:
    """Return a page's blocks; lines that are entries of one list stand together. `pages`: of the document."""
    found: list[Block | Entries] = []
    entries: list[Line] = []
    led = False

    def end() -> None:
        if len(entries) > 1 and led:
            found.append(Entries(list(entries), _is_contents(entries, pages)))
        else:
            found.extend([Entries(list(entries))] if not led and _is_list(entries) else entries)
        entries.clear()

    for block in blocks:
        leads = isinstance(block, Line) and bool(_LEADER.search(block.text))
        if isinstance(block, Line) and (leads or _is_entry(block)):
            if entries and (leads != led or not (leads or _goes_on(entries, block))):
                end()
            entries.append(block)
            led = leads
        else:
            end()
            found.append(block)
    end()
    return found


def _is_contents(entries: Sequence[Line], pages: int) -> bool:
    """Return whether entries end with page numbers."""
    last = [line.text.rsplit(maxsplit=1)[-1].rsplit(".", 1)[-1] for line in entries]
    numbers = [int(text) for text in last if text.isdigit() and len(text) < 5]
    return len(numbers) * 2 > len(entries) and numbers == sorted(numbers) and numbers[-1] <= max(pages, 1)


def _is_entry(line: Line) -> bool:
    text = line.text
    words = text.split()
    return (
        len(text) <= MAX_ENTRY_CHARACTERS
        and 2 <= len(words) <= MAX_ENTRY_WORDS
        and not text[0].islower()
        and text[0].isalnum()
        and not text.endswith(_ENDS)
        and any(_FIGURE.fullmatch(word) for word in (words[1:] if _MARKER.fullmatch(words[0]) else words))
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
