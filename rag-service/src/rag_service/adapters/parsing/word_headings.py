"""Finds the headings of a Word document that has no heading styles: short bold lines above other text."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from rag_service.adapters.parsing.questions import asks, question_mark
from rag_service.adapters.parsing.word_shapes import W
from rag_service.adapters.parsing.word_styles import Styles, element_of, value_of
from rag_service.adapters.parsing.word_text import bold_lead, pieces

MAX_HEADING_CHARACTERS = 90
MAX_LEVEL = 3
MAX_LOOKED_AT_CHARACTERS = 200
_TEXT_ENDS = (".", ",", ";", ":", "!", "…")
_USUAL_SIZE = 22
"""In half points."""


class BoldHeadings:
    """The bold lines of a body that are its headings; none if its headings have styles."""

    def __init__(self, blocks: Sequence[Any], styles: Styles) -> None:
        """`blocks`: the paragraphs and tables of the body, in their order."""
        self._sizes: dict[int, int] = {}
        self._ranks: list[int] = []
        if any(each.tag == f"{W}p" and _has_level(each, styles) for each in blocks):
            return
        bold = [each.tag == f"{W}p" and _is_bold_line(each, styles) for each in blocks]
        if not any(bold):
            return
        filled = [number for number, each in enumerate(blocks) if each.tag != f"{W}p" or _has_text(each)]
        for number, following in pairwise(filled):
            # Bold lines in a row are an address or an emphasis; the title above the first heading is one.
            if bold[number] and (not bold[following] or number == filled[0]):
                self._sizes[number] = _size(blocks[number])
        self._ranks = sorted(set(self._sizes.values()), reverse=True)

    def level(self, number: int) -> int | None:
        """Return the level of the heading at a place, else None. Larger letters are a higher level."""
        size = self._sizes.get(number)
        return None if size is None else min(self._ranks.index(size) + 1, MAX_LEVEL)


def _has_level(paragraph: Any, styles: Styles) -> bool:
    return element_of(paragraph, f"{W}pPr") is not None and styles.level(paragraph) not in (None, 0)


def _has_text(paragraph: Any) -> bool:
    return any((text.text or "").strip() for text in paragraph.iter(f"{W}t"))


def _is_bold_line(paragraph: Any, styles: Styles) -> bool:
    if (
        next(paragraph.iter(f"{W}b", f"{W}pStyle"), None) is None
        or element_of(paragraph, f"{W}pPr/{W}numPr") is not None
    ):
        return False
    found = pieces(paragraph, styles)
    text = "".join(text for text, _ in found).strip()
    if not 0 < len(text) <= MAX_HEADING_CHARACTERS or text.endswith(_TEXT_ENDS) or "\n" in text:
        return False
    # A question stays a paragraph that stands out: its answer may end before the next bold line does.
    return bold_lead(found) == text and not asks(text) and not question_mark(text)


def _size(paragraph: Any) -> int:
    sizes = (value_of(run, f"{W}rPr/{W}sz") or "" for run in paragraph.iter(f"{W}r"))
    return next((int(size) for size in sizes if size.isdigit()), _USUAL_SIZE)
