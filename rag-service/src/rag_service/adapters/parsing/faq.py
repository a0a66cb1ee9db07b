"""Finds the questions with their answers in the paragraphs below one heading."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from textwrap import dedent

from rag_service.adapters.parsing.questions import (
    Mark,
    answer_inside,
    answer_mark,
    asks,
    bare,
    ends_asking,
    is_bullet,
    is_numbered,
    number,
    question_mark,
    without_bullet,
)

MIN_PLAIN_QUESTIONS = 2
"""A question that nothing marks counts as one of an FAQ only among others: alone it is part of the prose."""
MAX_MARKED_CHARACTERS = 400
"""The longest marked question that goes on over several lines."""
MAX_SHORT_CHARACTERS = 40
"""A line shorter than this may be a title or end a paragraph."""
MIN_LAST_PARAGRAPHS = 2
"""The last answer may be followed by text that no longer belongs to it, so it takes no more paragraphs than the longest
answer before it, or these."""
_RULE = re.compile(r"[-_=*~–—]{3,}\s*")
_ENDS = (".", "!", "?", ":", ";", ")", '"', "”", "»", "。", "！", "？")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `stands_out`: it is bold, a button, or has a style of its own for questions.

    One without text is a rule between paragraphs.
    """

    text: str
    stands_out: bool = False


@dataclass(frozen=True)
class Question:
    """A question with its whole answer."""

    text: str
    answer: str


class _Role(Enum):
    MARKED = "a question with a mark"
    BOLD = "a question that stands out"
    PLAIN = "a question that nothing marks"
    ANSWER = "an answer with a mark"
    TITLE = "a line that stands out and is no question"
    TEXT = "any other text"


@dataclass
class _Piece:
    text: str
    role: _Role
    paragraph: int
    mark: Mark | None = None
    other: Mark | None = None
    """The same mark as an answer's, where it may be both: `S:` is Spørgsmål and Svar."""


def units(paragraphs: Sequence[Paragraph], *, is_faq: bool = False) -> Iterator[Paragraph | Question]:
    """Yield the paragraphs in their order, questions joined with their answers.

    `is_faq`: the headings above say that these are questions.
    """
    pieces = [piece for place, each in enumerate(paragraphs) for piece in _pieces(each, place)]
    _settle(pieces)
    questions = _questions(pieces, is_faq)
    if not questions:
        yield from (each for each in paragraphs if each.text)
        return
    yield from _prose(pieces[: questions[0]])
    longest = MIN_LAST_PARAGRAPHS
    for at, following in zip(questions, [*questions[1:], len(pieces)], strict=True):
        behind = pieces[at + 1 : following]
        length = _end(behind, number(pieces[at].text))
        if following == len(pieces):
            length = min(length, _reach(behind, longest))
        answer = _joined(behind[:length])
        longest = max(longest, len({each.paragraph for each in behind[:length]}))
        yield Question(bare(pieces[at].text), answer)
        yield from _prose(behind[length:])


def _pieces(paragraph: Paragraph, place: int) -> Iterator[_Piece]:
    """Yield a paragraph's pieces: questions and answers apart from each other and from other text."""
    text = paragraph.text
    if not text or _RULE.fullmatch(text.strip()):
        yield _Piece(text, _Role.TITLE, place)
        return
    if paragraph.stands_out:
        mark = question_mark(text)
        if mark or asks(text):
            yield _Piece(text, _Role.MARKED if mark else _Role.BOLD, place, mark, answer_mark(text))
            return
        if answered := answer_mark(text):
            yield _Piece(text, _Role.ANSWER, place, answered)
        else:
            yield _Piece(text, _Role.TITLE, place)
        return
    lines: list[str] = []
    for line in _lines(text):
        asked, answered = question_mark(line), answer_mark(line)
        is_plain = not asked and _is_plain_question(line) and (not lines or _may_end(lines[-1]) or is_numbered(line))
        if not (asked or answered or is_plain):
            lines.append(line)
            continue
        if lines:
            yield _Piece("\n".join(lines), _Role.TEXT, place)
            lines = []
        role = _Role.MARKED if asked else _Role.PLAIN if is_plain else _Role.ANSWER
        yield _Piece(line, role, place, asked or answered, answered if asked else None)
    if lines:
        yield _Piece("\n".join(lines), _Role.TEXT, place)


def _may_end(line: str) -> bool:
    """Return whether a paragraph may end with a line: it ends a sentence, or the line is short for one that goes on."""
    return line.rstrip().endswith(_ENDS) or len(line) < MAX_SHORT_CHARACTERS


def _goes_on(line: str) -> bool:
    """Return whether a marked question may go on in the next line."""
    mark = question_mark(line)
    return mark is not None and bool(mark.text) and not ends_asking(line) and len(line) < MAX_MARKED_CHARACTERS


def _settle(pieces: Sequence[_Piece]) -> None:
    """Decide for each mark that may be a question's or an answer's which it is: an answer follows its question."""
    asked: Mark | None = None
    for piece in pieces:
        if piece.role is _Role.MARKED and piece.mark is not None:
            if asked is not None and piece.other is not None and piece.other.answers(asked):
                piece.role, piece.mark, asked = _Role.ANSWER, piece.other, None
            else:
                asked = piece.mark
        elif piece.role is _Role.ANSWER:
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


def _questions(pieces: Sequence[_Piece], is_faq: bool) -> list[int]:
    """Return the places of the questions that have an answer."""
    found = [at for at in range(len(pieces)) if _is_asked(pieces, at)]
    plain = [at for at in found if pieces[at].role is _Role.PLAIN]
    if len(plain) < MIN_PLAIN_QUESTIONS and not (plain and is_faq):
        found = [at for at in found if pieces[at].role is not _Role.PLAIN]
    return found


def _is_asked(pieces: Sequence[_Piece], at: int) -> bool:
    piece = pieces[at]
    following = pieces[at + 1] if at + 1 < len(pieces) else None
    if following is None or following.role in (_Role.MARKED, _Role.BOLD):
        return False
    match piece.role:
        case _Role.BOLD:
            return following.role is not _Role.PLAIN and (following.role is not _Role.TITLE or _introduces(following))
        case _Role.MARKED:
            return _is_answered(pieces, at)
        case _Role.PLAIN:
            # Questions in a row are a list of questions, and an item is asked by the sentence above its list.
            in_row = following.role is _Role.PLAIN or (at > 0 and pieces[at - 1].role is _Role.PLAIN)
            same = following.paragraph == piece.paragraph
            if following.role is _Role.TITLE and not _introduces(following):
                return False
            return not in_row and (same or not is_bullet(piece.text))
    return False


def _is_answered(pieces: Sequence[_Piece], at: int) -> bool:
    """Return whether the answer's mark follows before the next question, or the marked text is a question itself."""
    mark = pieces[at].mark
    if mark is None or mark.is_doubtful:
        return False
    for piece in pieces[at + 1 :]:
        if piece.role in (_Role.MARKED, _Role.BOLD):
            break
        if piece.role is _Role.ANSWER and piece.mark is not None:
            return piece.mark.answers(mark)
    return asks(pieces[at].text)


def _end(pieces: Sequence[_Piece], asked: int | None) -> int:
    """Return how many pieces belong to an answer: up to a line that stands out, unless it introduces what follows.

    `asked`: the question's number; the next number, if no list of the answer has it, ends the answer too.
    """
    has_list = False
    for place, piece in enumerate(pieces):
        if piece.role is _Role.TITLE and place and not _introduces(piece):
            return place
        if place and _is_title(piece) and place + 1 < len(pieces):
            return place
        counted = number(piece.text)
        if asked is not None and counted == asked + 1 and not has_list:
            return place
        has_list = has_list or counted is not None
    return len(pieces)


def _is_title(piece: _Piece) -> bool:
    """Return whether a paragraph reads as a title of what follows: short, and no sentence."""
    text = piece.text.strip()
    is_item = is_bullet(text) or is_numbered(text)
    return piece.role is _Role.TEXT and len(text) < MAX_SHORT_CHARACTERS and not (text.endswith(_ENDS) or is_item)


def _introduces(title: _Piece) -> bool:
    return title.text.rstrip().endswith((":", "："))


def _reach(pieces: Sequence[_Piece], most: int) -> int:
    """Return how many pieces the last answer takes: so many paragraphs, with the items of their lists."""
    taken, before = 0, -1
    for place, piece in enumerate(pieces):
        if piece.paragraph != before:
            taken += not (is_bullet(piece.text) or is_numbered(piece.text))
            before = piece.paragraph
        if taken > most:
            return place
    return len(pieces)


def _joined(pieces: Sequence[_Piece]) -> str:
    """Return an answer's text: its paragraphs and lines as they were, without the answer's mark."""
    text, before, marked = "", -1, False
    for piece in pieces:
        line = piece.text
        if piece.role is _Role.ANSWER and piece.mark is not None and not marked:
            line, marked = piece.mark.text, True
        if text and line:
            text += "\n" if piece.paragraph == before else "\n\n"
        text += line
        before = piece.paragraph
    return dedent(text)


def _prose(pieces: Sequence[_Piece]) -> Iterator[Paragraph]:
    """Yield pieces that belong to no question as the paragraphs they were."""
    lines: list[str] = []
    for place, piece in enumerate(pieces):
        lines.append(piece.text)
        if place + 1 == len(pieces) or pieces[place + 1].paragraph != piece.paragraph:
            if any(lines):
                yield Paragraph("\n".join(lines))
            lines = []


def bold_lead(lead: str, rest: str) -> bool:
    """Return whether a paragraph's bold beginning is a question and the rest of the paragraph its answer."""
    return bool(rest.strip()) and asks(without_bullet(lead))
