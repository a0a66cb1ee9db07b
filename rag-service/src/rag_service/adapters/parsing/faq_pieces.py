"""Cuts paragraphs into questions, answers, titles and other text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from rag_service.adapters.parsing.questions import (
    Mark,
    answer_inside,
    answer_mark,
    asks,
    bare,
    ends_asking,
    holds_none,
    is_numbered,
    question_mark,
)

MAX_MARKED_CHARACTERS = 400
"""The longest marked question that goes on over several lines."""
MAX_SHORT_CHARACTERS = 40
"""A line shorter than this may be a title or end a paragraph."""
ENDS = (".", "!", "?", ":", ";", ")", '"', "”", "»", "。", "！", "？")
_RULE = re.compile(r"[-_=*~–—]{3,}\s*")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `stands_out`: it is bold, a button, or has a style of its own for questions.

    One without text is a rule between paragraphs.
    """

    text: str
    stands_out: bool = False


class Role(Enum):
    """The part that a piece of text plays in an FAQ."""

    MARKED = "a question with a mark"
    BOLD = "a question that stands out"
    PLAIN = "a question that nothing marks"
    ANSWER = "an answer with a mark"
    TITLE = "a line that stands out and is no question"
    TEXT = "any other text"


@dataclass
class Piece:
    """A question, an answer's beginning, a title or other text of one paragraph."""

    text: str
    role: Role
    paragraph: int
    mark: Mark | None = None
    other: Mark | None = None
    """The same mark as an answer's, where it may be both: `S:` is Spørgsmål and Svar."""


def pieces_of(paragraph: Paragraph, place: int) -> Iterator[Piece]:
    """Yield a paragraph's pieces: questions and answers apart from each other and from other text."""
    text = paragraph.text
    if not text or _RULE.fullmatch(text.strip()):
        yield Piece(text, Role.TITLE, place)
        return
    if paragraph.stands_out:
        mark = question_mark(text)
        if mark or asks(text):
            yield Piece(text, Role.MARKED if mark else Role.BOLD, place, mark, answer_mark(text))
            return
        if answered := answer_mark(text):
            yield Piece(text, Role.ANSWER, place, answered)
        else:
            yield Piece(text, Role.TITLE, place)
        return
    if holds_none(text):
        yield Piece(text, Role.TEXT, place)
        return
    lines: list[str] = []
    for line in _lines(text):
        asked, answered = question_mark(line), answer_mark(line)
        is_plain = not asked and _is_plain_question(line) and (not lines or _may_end(lines[-1]) or is_numbered(line))
        if not (asked or answered or is_plain):
            lines.append(line)
            continue
        if lines:
            yield Piece("\n".join(lines), Role.TEXT, place)
            lines = []
        role = Role.MARKED if asked else Role.PLAIN if is_plain else Role.ANSWER
        yield Piece(line, role, place, asked or answered, answered if asked else None)
    if lines:
        yield Piece("\n".join(lines), Role.TEXT, place)


def _may_end(line: str) -> bool:
    """Return whether a paragraph may end with a line: it ends a sentence, or the line is short for one that goes on."""
    return line.rstrip().endswith(ENDS) or len(line) < MAX_SHORT_CHARACTERS


def _goes_on(line: str) -> bool:
    """Return whether a marked question may go on in the next line."""
    mark = question_mark(line)
    return mark is not None and bool(mark.text) and not ends_asking(line) and len(line) < MAX_MARKED_CHARACTERS


def settle(pieces: Sequence[Piece]) -> None:
    """Decide for each mark that may be a question's or an answer's which it is: an answer follows its question."""
    asked: Mark | None = None
    for piece in pieces:
        if piece.role is Role.MARKED and piece.mark is not None:
            if asked is not None and piece.other is not None and piece.other.answers(asked):
                piece.role, piece.mark, asked = Role.ANSWER, piece.other, None
            else:
                asked = piece.mark
        elif piece.role is Role.ANSWER:
            asked = None


def _is_plain_question(line: str) -> bool:
    return asks(line) and not bare(line)[:1].islower()


def _lines(text: str) -> Iterator[str]:
    """Yield a paragraph's lines; a marked question that goes on over several lines as one."""
    open_question = ""
    for line in text.split("\n"):
        if open_question and (answer_mark(line) or question_mark(line)):
            yield open_question
            open_question = ""
        line = f"{open_question}\n{line}" if open_question else line
        open_question = ""
        if (at := answer_inside(line)) is not None:
            yield line[:at].rstrip(" \t–—-")
            yield line[at:]
        elif _goes_on(line):
            open_question = line
        else:
            yield line
    if open_question:
        yield open_question
