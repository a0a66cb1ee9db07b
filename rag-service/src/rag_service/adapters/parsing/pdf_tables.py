"""Reads ruled tables of a PDF cell by cell. This is slow, so it is limited to few pages and a short time."""

import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.rows import with_header

MIN_ROWS, MIN_COLUMNS = 2, 2
MAX_PAGE_OBJECTS = 5_000
"""Letters and lines of a page that may be looked at: the search for cells grows faster than they do."""


@dataclass(frozen=True)
class Table:
    """A table's rows as lines, and its frame, counted from the page's lower edge."""

    lines: list[str]
    left: float
    bottom: float
    right: float
    top: float

    def holds(self, left: float, top: float) -> bool:
        """Return whether a position lies within the frame."""
        return self.left - 1 <= left <= self.right + 1 and self.bottom - 1 <= top <= self.top + 1


class Tables:
    """Finds tables until its time is used up; then, and where a page confuses it, there are none."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data = data
        self._pages = limits.table_pages
        self._ends: float | None = None
        self._seconds = limits.table_seconds
        self._document: Any = None

    def on(self, number: int) -> list[Table]:
        """Return the tables of a page, the first being 1."""
        if self._ends is None:
            self._ends = time.process_time() + self._seconds
        if self._pages <= 0 or time.process_time() > self._ends:
            return []
        self._pages -= 1
        try:
            return self._found(number)
        except MemoryError:
            raise
        except Exception:
            # The text of the page is there without it.
            self._pages = 0
            return []

    def _found(self, number: int) -> list[Table]:
        if self._document is None:
            # Imported here: it takes longer than most files.
            import pdfplumber

            self._document = pdfplumber.open(BytesIO(self._data))
        page = self._document.pages[number - 1]
        if sum(len(parts) for parts in page.objects.values()) > MAX_PAGE_OBJECTS:
            return []
        found = []
        for table in page.find_tables():
            rows = [[cell or "" for cell in row] for row in table.extract()]
            if len(rows) >= MIN_ROWS and max(map(len, rows)) >= MIN_COLUMNS:
                left, top, right, bottom = table.bbox
                height = float(page.height)
                found.append(Table(with_header(rows), left, height - bottom, right, height - top))
        page.close()
        return found
