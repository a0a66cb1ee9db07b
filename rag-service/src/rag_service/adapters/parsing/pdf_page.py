"""Reads one page of a PDF: its lines and tables in the order of reading, and what people filled in on it."""

from dataclasses import dataclass, field
from typing import Any

from rag_service.adapters.parsing.pdf_drawing import read_drawing, turned
from rag_service.adapters.parsing.pdf_forms import Filled, filled
from rag_service.adapters.parsing.pdf_layout import Block, Line, Table, arranged, ending
from rag_service.adapters.parsing.pdf_ligatures import Ligatures
from rag_service.adapters.parsing.pdf_pieces import pieces
from rag_service.adapters.parsing.pdf_words import read_words

MIN_PICTURE_SHARE = 0.03
"""Of the page; smaller pictures are signs and logos."""


@dataclass(frozen=True)
class Page:
    """The visible content of a page."""

    blocks: list[Block] = field(default_factory=list)
    filled: Filled = field(default_factory=lambda: Filled([], [], 0))
    characters: int = 0
    hidden: int = 0
    """Words that people can't see."""
    pictured: bool = False
    """Pictures cover most of it."""
    pictures: int = 0
    drawn: bool = False
    """There is something on it besides text."""
    damaged: bool = False
    """It can't be read, or not to its end."""
    bottom: float = 0.0
    top: float = 0.0

    @property
    def ending(self) -> Table | None:
        """Return the table that it ends with."""
        return ending(self.blocks, self.bottom, self.top)

    @property
    def lines(self) -> list[Line]:
        """Return its lines outside tables."""
        return [block for block in self.blocks if isinstance(block, Line)]


def read_page(document: Any, page: Any, ligatures: Ligatures, before: Page | None = None) -> Page:
    """Return the visible content of a page. `before`: the page before, whose table may go on."""
    drawing = read_drawing(page)
    found = read_words(page, drawing, ligatures)
    quarters = found.turned
    rules = [turned(box, quarters) for box in drawing.rules] if quarters else drawing.rules
    blocks = arranged(found.words, rules, len(document), before.ending if before else None)
    area = max(1.0, (drawing.page[2] - drawing.page[0]) * (drawing.page[3] - drawing.page[1]))
    shares = [(box[2] - box[0]) * (box[3] - box[1]) / area for box in drawing.pictures]
    _, bottom, _, top = turned(drawing.page, quarters)
    return Page(
        blocks,
        filled(document, page, lambda: pieces(found.words), quarters),
        sum(len(word.text) for word in found.words),
        found.hidden,
        drawing.scanned,
        sum(share >= MIN_PICTURE_SHARE for share in shares),
        bool(drawing.pictures or drawing.paths or drawing.texts),
        drawing.crowded,
        bottom,
        top,
    )
