"""Collects what a reader finds inside of one answer, and adds it to the outline as a whole, or piece by piece."""

from collections.abc import Callable, Iterable

from rag_service.adapters.parsing.faq_headings import MAX_ANSWER_CHARACTERS, MAX_LONE_ANSWER_CHARACTERS
from rag_service.adapters.parsing.outline import Outline


class Answer:
    """Takes paragraphs as an outline does, until it is known whether they are one answer."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._rows: list[tuple[list[str], str]] = []
        self._left_out: list[Callable[[Outline | Answer], None]] = []
        self._replay: list[Callable[[Outline | Answer], None]] = []
        self.is_whole = True
        """It holds no further questions."""

    def add(self, text: str, *, stands_out: bool = False) -> None:
        """Add a paragraph."""
        self._parts.append(text)
        self._replay.append(lambda outline: outline.add(text, stands_out=stands_out))

    def heading(self, level: int, text: str, *, titles: bool = True) -> None:
        """Add a heading: a line of the answer."""
        self._parts.append(text)
        self._replay.append(lambda outline: outline.heading(level, text, titles=titles))

    def rule(self) -> None:
        """Draw a line, which means nothing inside of one answer."""

    def add_rows(self, lines: Iterable[str], *, title: str = "") -> None:
        """Add rows of a table: lines of the answer, and a table of their own."""
        rows = list(lines)
        self._parts.append("\n".join(rows))
        self._rows.append((rows, title))
        self._replay.append(lambda outline: outline.add_rows(rows, title=title))

    def add_qa(self, question: str, answer: str, *, title: str = "") -> None:
        """Add a question inside of the answer, which then is a chapter with questions."""
        self.is_whole = False
        self._replay.append(lambda outline: outline.add_qa(question, answer, title=title))

    def leave_out(self, code: str, reason: str, count: int = 1) -> None:
        """Record what isn't read."""
        self._left_out.append(lambda outline: outline.leave_out(code, reason, count))

    @property
    def has_rows(self) -> bool:
        """Return whether it holds tables."""
        return bool(self._rows)

    @property
    def text(self) -> str:
        """Return the paragraphs."""
        return "\n\n".join(part.strip() for part in self._parts if part.strip())

    def write(self, outline: "Outline | Answer", question: str, *, most: int = MAX_ANSWER_CHARACTERS) -> None:
        """Add the question with its answer; with questions or large tables inside, or too long, as what it holds."""
        text = self.text
        most = min(most, MAX_LONE_ANSWER_CHARACTERS) if self._rows else most
        if self.is_whole and text and len(text) <= most:
            outline.add_qa(question, text)
            for rows, title in self._rows:
                outline.add_rows(rows, title=title)
            for replayed in self._left_out:
                replayed(outline)
            return
        outline.add(question, stands_out=True)
        self.replay(outline)

    def replay(self, outline: "Outline | Answer") -> None:
        """Add everything as it came."""
        for replayed in (*self._replay, *self._left_out):
            replayed(outline)
