"""Builds a document's sections from its headings and paragraphs."""

import re
from collections.abc import Iterable

from rag_service.adapters.parsing.cleaning import clean, one_line, short
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import LeftOut, Parsed, PassageKind, Section, Unreadable

MAX_HEADING_CHARACTERS = 160
MAX_TITLE_CHARACTERS = 200
MAX_DEPTH = 6
_LETTER = re.compile(r"[^\W\d_]")
_NO_TITLE = re.compile(
    r"untitled|no title|word document|titel|title|document\d*|doc\d*|microsoft word.*|powerpoint.*"
    r"|.*\.(docx?|pdf|xlsx?|txt|html?|md)",
    re.IGNORECASE,
)


class Outline:
    """Collects headings and paragraphs in their order; refuses a document that exceeds the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sections: list[Section] = []
        self._path: list[tuple[int, str]] = []
        self._unused: tuple[int, str] | None = None
        self._paragraphs: list[str] = []
        self._characters = 0
        self._locator = ""
        self._title = ""
        self._first_heading = ""
        self._left_out: dict[str, LeftOut] = {}
        self.pages: int | None = None

    def set_title(self, title: str | None) -> None:
        """Set the title that the document declares; the first meaningful one counts."""
        found = short(one_line(title or ""), MAX_TITLE_CHARACTERS)
        if not self._title and len(found) > 2 and _LETTER.search(found) and not _NO_TITLE.fullmatch(found):
            self._title = found

    def begin_locator(self, locator: str, *, below: bool = True) -> None:
        """Begin a new page (`below=True`: under the current headings) or a new sheet."""
        self._close()
        if not below:
            if self._unused:
                self._add_bare_heading()
            self._path = []
        self._locator = short(one_line(locator), MAX_TITLE_CHARACTERS)

    def heading(self, level: int, text: str, *, titles: bool = True) -> None:
        """Begin a section below a heading; level 1 is the highest. The first may become the document's title."""
        found = one_line(text)
        if not found:
            return
        if len(found) > MAX_HEADING_CHARACTERS or not _LETTER.search(found):
            self.add(found)
            return
        self._close()
        self._count(found)
        if self._unused and self._unused[0] >= level:
            self._add_bare_heading()
        if titles:
            self._first_heading = self._first_heading or found
        self._path = [*[each for each in self._path if each[0] < level][: MAX_DEPTH - 1], (level, found)]
        self._unused = self._path[-1]

    def add(self, text: str) -> None:
        """Add a paragraph, or a table's lines."""
        found = clean(text)
        if found.strip():
            self._count(found)
            self._paragraphs.append(found)

    def add_rows(self, lines: Iterable[str], *, title: str = "") -> None:
        """Add rows of one table as a section of their own, one a line: a row is neither cut nor joined with others.

        `title`: the table's own, a heading of these rows alone.
        """
        self._add_unit("\n".join(line for line in map(one_line, lines) if line), PassageKind.ROWS, title)

    def add_qa(self, question: str, answer: str, *, title: str = "") -> None:
        """Add a question and its whole answer as a section of their own, below a title of their own if there is one."""
        asked, answered = one_line(question), clean(answer)
        if asked and answered.strip():
            self._add_unit(f"{asked}\n{answered}", PassageKind.QA, title)

    def leave_out(self, code: str, reason: str, count: int = 1) -> None:
        """Record what isn't read. A code's counts add up; its last reason is shown."""
        before = self._left_out.get(code)
        self._left_out[code] = LeftOut(code, count + (before.count if before else 0), reason)

    def parsed(self) -> Parsed:
        """Return the document, without a title where it has none. Raises Unreadable where there is no text."""
        self._close()
        if self._unused:
            self._add_bare_heading()
        if not self._sections:
            raise Unreadable("empty", "The file holds no text.")
        return Parsed(
            self._title or self._first_heading, tuple(self._sections), self.pages, tuple(self._left_out.values())
        )

    def _close(self) -> None:
        if self._paragraphs:
            self._add_section("\n\n".join(self._paragraphs), [text for _, text in self._path])
            self._paragraphs = []
            self._unused = None

    def _add_bare_heading(self) -> None:
        """Store a heading without text below it as a section, because its words are part of the document."""
        assert self._unused is not None
        self._add_section(self._unused[1], [text for _, text in self._path[:-1]])
        self._unused = None

    def _add_unit(self, text: str, kind: PassageKind, title: str) -> None:
        if not text.strip():
            return
        self._close()
        self._count(text)
        heading = [text for _, text in self._path]
        if (found := short(one_line(title), MAX_HEADING_CHARACTERS)) and found not in heading[-1:]:
            heading.append(found)
        self._add_section(text, heading, kind)
        self._unused = None

    def _add_section(self, text: str, heading: list[str], kind: PassageKind = PassageKind.PROSE) -> None:
        if len(self._sections) >= self._limits.sections:
            raise Unreadable("too_large", f"The file has more than {self._limits.sections:,} sections; split it.")
        self._sections.append(Section(text, tuple(heading), self._locator, kind))

    def _count(self, text: str) -> None:
        self._characters += len(text) + 2
        if self._characters > self._limits.characters:
            raise Unreadable(
                "too_large", f"The file holds more than {self._limits.characters:,} characters of text; split it."
            )
