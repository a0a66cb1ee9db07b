"""The pieces that a table gives to a document."""

from dataclasses import dataclass

MAX_LINES = 500
"""Of one section."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A line that stands above, below or instead of a table."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of one table, one a line, and the title above it."""

    title: str
    names: list[str]
    lines: list[str]

    def goes_on_in(self, following: "Lines") -> bool:
        """Return whether further lines are of the same table, and few enough to stay with these."""
        same = self.title == following.title and self.names == following.names
        return same and len(self.lines) + len(following.lines) <= MAX_LINES


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with its answer, and what else its row tells."""

    title: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A bold line above lines of text."""

    text: str


Piece = Heading | Prose | Lines | Answered
