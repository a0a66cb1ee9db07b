"""What a table gives to a document."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prose:
    """A line that stands above, below or instead of a table."""

    text: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of one table, one a line, and the title above it."""

    title: str
    lines: list[str]


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
