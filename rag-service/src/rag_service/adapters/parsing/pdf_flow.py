"""Adds a PDF's pages to the outline: lines become headings and paragraphs, tables become rows."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.pdf_continued import same_edges
from rag_service.adapters.parsing.pdf_headings import Level
from rag_service.adapters.parsing.pdf_hyphens import HYPHENS, Joiner, shown
from rag_service.adapters.parsing.pdf_layout import Block, Line, Table
from rag_service.adapters.parsing.pdf_lists import Entries, without_lists
from rag_service.adapters.parsing.pdf_words import HYPHEN
from rag_service.adapters.parsing.tables import Row, placed
from rag_service.adapters.parsing.tables.head import SAMPLE_ROWS, head_levels
from rag_service.adapters.parsing.tables.table_reader import TableReader
from rag_service.adapters.parsing.tables.writing import add_pieces

FULL_SHARE = 0.75
COLUMN_POINTS = 60
GAP, GAP_LINES = 1.3, 1.7
"""The distance of two paragraphs, by that of most lines and by the letters' size."""
MAX_CARRIED_LINES = 4
EARLY_SHARE = 0.35
MAX_TITLE_CHARACTERS = 100
LABEL_SHARE = 0.7
_SENTENCE_END = re.compile(r"[.!?:](?:[\"”’)\]]|\s?[¹²³⁴-⁹])*(?=\s|$)")
_OPEN = re.compile(r"[\w,–)-]$")


class Flow:
    """Adds pages one after the other."""

    def __init__(self, outline: Outline, joiner: Joiner, headings: Mapping[int, Level]) -> None:
        """`headings`: the level of each line that is a heading, by its `id`."""
        self._outline = outline
        self._joiner = joiner
        self._headings = headings
        self._paragraph: list[str] = []
        self._last: Line | None = None
        self._heading: tuple[Level, str] | None = None
        self._table: tuple[tuple[float, ...], list[Row], TableReader] | None = None
        """The edges, first rows and reader of the table that the last page ended with."""
        self._rights: dict[tuple[int, float], float] = {}
        self._step = 0.0
        self._has_chapters = any(level.large for level in headings.values())
        self._ended_early = False
        """The last page ended before it was full. Without chapters, what follows it is no part of its last section."""

    def page(self, locator: str, blocks: Sequence[Block], bottom: float, top: float) -> None:
        """Add a page, and the heights of its edges."""
        blocks = self._carried(blocks)
        self.close()
        self._outline.begin_locator(locator, below=self._has_chapters or not self._ended_early)
        lowest = min((block.base if isinstance(block, Line) else block.bottom for block in blocks), default=top)
        self._ended_early = lowest - bottom > EARLY_SHARE * (top - bottom)
        self._rights = {}
        self._step = _usual_step([block for block in blocks if isinstance(block, Line)])
        for block in blocks:
            if isinstance(block, Line):
                column = int(block.left // COLUMN_POINTS), block.size
                self._rights[column] = max(self._rights.get(column, 0.0), block.right)
        for part in without_lists(blocks, self._outline.pages or 1):
            if isinstance(part, Table):
                self._add_table(part)
                continue
            self._table = None
            if isinstance(part, Line):
                self._add_line(part)
            else:
                self._add_list(part)

    def close(self) -> None:
        """End the paragraph."""
        if self._heading:
            level, text = self._heading
            self._outline.heading(level.number, text, titles=level.large)
        self._outline.add(shown("".join(self._paragraph)))
        self._paragraph, self._heading, self._last = [], None, None

    def _carried(self, blocks: Sequence[Block]) -> Sequence[Block]:
        """Add to the open sentence what a page begins with; return the rest of the page."""
        rest = list(blocks)
        for _ in range(MAX_CARRIED_LINES):
            if not rest or not isinstance(line := rest[0], Line) or not self._is_open(line):
                return rest
            end = _SENTENCE_END.search(line.text)
            self._append(line.text[: end.end()] if end else line.text, full=True)
            rest.pop(0)
            if end:
                if text := line.text[end.end() :].strip():
                    rest.insert(0, replace(line, text=text))
                return rest
            self._last = line
        return rest

    def _is_open(self, line: Line) -> bool:
        """Return whether a page's first line goes on with the sentence that the page before ended in."""
        last = self._last
        if not self._paragraph or last is None or abs(last.size - line.size) > 0.5 or id(line) in self._headings:
            return False
        before = self._paragraph[-1]
        return bool(_OPEN.search(before[-1:]) or before.endswith(HYPHENS)) and line.text[:1].islower()

    def _append(self, text: str, *, full: bool) -> None:
        """Add a line to the paragraph."""
        before, between = self._joiner.between(self._paragraph[-1], text, full=full)
        self._paragraph[-1:] = [before, between, text]

    def _add_line(self, line: Line) -> None:
        text = line.text
        level = self._headings.get(id(line))
        if level is not None:
            if self._heading and self._heading[0] == level and not self._paragraph:
                self._heading = level, self._joiner.cell(f"{self._heading[1]}\n{text}")
            else:
                self.close()
                self._heading = level, shown(text)
            return
        if self._heading:
            self.close()
        last = self._last
        if not self._paragraph or last is None:
            self._paragraph = [text]
        else:
            gap = last.base - line.base
            apart = gap > GAP * self._step
            full = self._is_full(last) and not apart
            begins = self._joiner.between(self._paragraph[-1], text, full=full)[1] == "\n"
            if begins and apart and gap > GAP_LINES * line.size and not self._joiner.begins_item(text):
                self.close()
                self._paragraph = [text]
            else:
                self._append(text, full=full)
        self._last = line

    def _add_list(self, entries: Entries) -> None:
        title = self._title(entries.lines[0].base)
        self.close()
        texts = [shown(text) for text in entries.texts]
        if entries.contents:
            self._outline.add("\n".join(texts))
        else:
            self._outline.add_rows(texts, title=title)

    def _is_full(self, line: Line) -> bool:
        """Return whether a line fills its column."""
        column = int(line.left // COLUMN_POINTS)
        right = max(self._rights.get((at, line.size), 0.0) for at in (column - 1, column, column + 1))
        return line.right - line.left >= FULL_SHARE * (right - line.left)

    def _add_table(self, table: Table) -> None:
        title = self._title(table.top)
        self.close()
        joined = self._joiner.cell
        rows = list(
            placed(
                ([cell._replace(text=joined(cell.text)) if _is_cut(cell.text) else cell for cell in row], False)
                for row in table.rows
            )
        )
        labels = [row.cells[0] for row in rows if len(row.cells) == 2 and row.cells[0]]
        if len(table.edges) == 2 and sum(label.endswith(":") for label in labels) >= LABEL_SHARE * len(rows):
            self._outline.add_rows((" ".join(filter(None, row.cells)) for row in rows), title=title)
            return
        sample, reader = rows[:SAMPLE_ROWS], TableReader(title=title, title_in_text=True)
        goes_on = False
        if self._table and same_edges(self._table[0], table.edges):
            _, sample, before = self._table
            goes_on = before.may_go_on
            if goes_on:
                reader = before
            else:
                heads = sample[: head_levels(sample)]
                while heads and rows and any(list(rows[0].cells) == list(head.cells) for head in heads):
                    rows.pop(0)
                rows = [*heads, *rows]
        add_pieces(self._outline, reader.read(rows, goes_on=goes_on))
        self._table = table.edges, sample, reader

    def _title(self, top: float) -> str:
        """Return the line directly above a table or list if it reads as its title."""
        line = self._last
        if line is None or not 0 < line.base - top < 4 * line.size or len(line.text) > MAX_TITLE_CHARACTERS:
            return ""
        return "" if line.text.endswith((".", ";", ",")) else line.text.rstrip(": ")


def _usual_step(lines: Sequence[Line]) -> float:
    """Return the distance of most lines of a page."""
    steps = sorted(above.base - below.base for above, below in pairwise(lines))
    steps = [step for step in steps if step > 1]
    return steps[len(steps) // 2] if steps else 0.0


def _is_cut(text: str) -> bool:
    """Return whether a cell's text holds ends of lines, or hyphens of PDFium's own."""
    return "\n" in text or not text.isascii() or HYPHEN in text
