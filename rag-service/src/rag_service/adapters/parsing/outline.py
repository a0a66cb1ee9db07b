"""Builds a document's sections from its headings and paragraphs."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from rag_service.adapters.parsing import titles
from rag_service.adapters.parsing.cleaning import clean, one_line, short
from rag_service.adapters.parsing.faq import units
from rag_service.adapters.parsing.faq_headings import MAX_ANSWER_CHARACTERS, with_questions
from rag_service.adapters.parsing.faq_pieces import Paragraph
from rag_service.adapters.parsing.limits import Limits
from rag_service.adapters.parsing.questions import says_faq
from rag_service.domain.document import LeftOut, Parsed, PassageKind, Section, Unreadable

MAX_HEADING_CHARACTERS = 160
MAX_TITLE_CHARACTERS = 200
MAX_DEPTH = 6
_LETTER = re.compile(r"[^\W\d_]")
MAX_HEADINGS_KEPT = 200
MAX_BEGINNING_CHARACTERS = 4_000
"""How much of a document is looked at for the words of its title."""


class Outline:
    """Collects headings and paragraphs in their order; refuses a document that exceeds the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sections: list[Section] = []
        self._path: list[tuple[int, str]] = []
        self._unused: tuple[int, str] | None = None
        self._paragraphs: list[Paragraph] = []
        self._characters = 0
        self._locator = ""
        self._title = ""
        self._title_is_sure = False
        self._headings: list[str] = []
        self._left_out: dict[str, LeftOut] = {}
        self.pages: int | None = None
        self.saved: date | None = None

    def set_title(self, title: str | None, *, sure: bool = False) -> None:
        """Set the title that the document declares; the first meaningful one counts.

        `sure`: its author wrote it for this document; it is no property that a template may have left.
        """
        found = short(one_line(title or ""), MAX_TITLE_CHARACTERS)
        if not self._title and titles.is_title(found):
            self._title = found
            self._title_is_sure = sure

    def begin_locator(self, locator: str, *, below: bool = True) -> None:
        """Begin a new page (`below=True`: under the current headings) or a new sheet."""
        self._close()
        if not below:
            if self._unused:
                self._add_bare_heading()
            self._path = []
        self._locator = short(one_line(locator), MAX_TITLE_CHARACTERS)

    def heading(self, level: int, text: str, *, label: str = "", titles: bool = True) -> None:
        """Begin a section below a heading; level 1 is the highest. The first may become the document's title.

        `label`: the number that the document shows before it, `2.1`.
        """
        named = one_line(text)
        found = one_line(f"{label} {named}") if named else ""
        if not found:
            return
        if len(found) > MAX_HEADING_CHARACTERS or not _LETTER.search(found):
            self.add(found, stands_out=True)
            return
        self._close()
        self._count(found)
        if self._unused and self._unused[0] >= level:
            self._add_bare_heading()
        if titles and len(self._headings) < MAX_HEADINGS_KEPT:
            self._headings.append(named)
        self._path = [*[each for each in self._path if each[0] < level][: MAX_DEPTH - 1], (level, found)]
        self._unused = self._path[-1]

    def add(self, text: str, *, stands_out: bool = False) -> None:
        """Add a paragraph. `stands_out`: it is bold throughout, a button, or has a style of its own for questions."""
        found = clean(text)
        if found.strip():
            self._count(found)
            self._paragraphs.append(Paragraph(found, stands_out))

    def rule(self) -> None:
        """Draw a line: the answer of a question above it ends there."""
        if self._paragraphs:
            self._paragraphs.append(Paragraph(""))

    def add_rows(self, lines: Iterable[str], *, title: str = "") -> None:
        """Add rows of one table as a section of their own, one a line: a row is neither cut nor joined with others.

        `title`: the table's own, a heading of these rows alone.
        """
        self._add_unit("\n".join(line for line in map(one_line, lines) if line), PassageKind.ROWS, title)

    def add_qa(self, question: str, answer: str, *, title: str = "") -> None:
        """Add a question and its whole answer as a section of their own, below a title of their own if there is one."""
        asked, answered = one_line(question), clean(answer)
        if asked and answered.strip():
            self._close()
            self._count(f"{asked}\n{answered}")
            self._add_question(asked, answered, self._heading(title))

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
        sections = tuple(with_questions(self._sections))
        title = self._title
        if not self._title_is_sure:
            title = titles.chosen(title, self._headings, _beginning(sections))
        return Parsed(title, sections, self.pages, tuple(self._left_out.values()), self.saved)

    def _close(self) -> None:
        if not self._paragraphs:
            return
        paragraphs, self._paragraphs = self._paragraphs, []
        heading = [text for _, text in self._path]
        prose: list[str] = []
        for unit in units(paragraphs, is_faq=any(map(says_faq, [self._title, *heading]))):
            if isinstance(unit, Paragraph):
                prose.append(unit.text)
                continue
            if prose:
                self._add_section("\n\n".join(prose), heading)
                prose = []
            self._add_question(one_line(unit.text), clean(unit.answer), self._heading(""))
        if prose:
            self._add_section("\n\n".join(prose), heading)
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
        self._add_section(text, self._heading(title), kind)
        self._unused = None

    def _heading(self, title: str) -> list[str]:
        """Return the headings of a unit below a title of its own, if it has one."""
        heading = [text for _, text in self._path]
        if (found := short(one_line(title), MAX_HEADING_CHARACTERS)) and found not in heading[-1:]:
            heading.append(found)
        return heading

    def _add_question(self, question: str, answer: str, heading: list[str]) -> None:
        """Store a question with its answer; an answer that is longer than a passage may be as text below a heading."""
        if len(answer) > MAX_ANSWER_CHARACTERS:
            self._add_section(answer, [*heading[: MAX_DEPTH - 1], short(question, MAX_HEADING_CHARACTERS)])
        else:
            self._add_section(f"{question}\n{answer}", heading, PassageKind.QA)
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


def _beginning(sections: Sequence[Section]) -> str:
    parts: list[str] = []
    left = MAX_BEGINNING_CHARACTERS
    for each in sections:
        parts.append(each.text[:left])
        left -= len(parts[-1])
        if left <= 0:
            break
    return " ".join(parts)
