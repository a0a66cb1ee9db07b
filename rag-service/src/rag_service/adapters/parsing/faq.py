"""Finds the questions with their answers in the paragraphs below one heading."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import dedent

from rag_service.adapters.parsing.faq_pieces import (
    ENDS,
    MAX_SHORT_CHARACTERS,
    Paragraph,
    Piece,
    Role,
    pieces_of,
    settle,
)
from rag_service.adapters.parsing.questions import asks, bare, is_bullet, is_numbered, number, without_bullet

MIN_PLAIN_QUESTIONS = 2
"""A question that nothing marks counts as one of an FAQ only among others: alone it is part of the prose."""
MIN_LAST_PARAGRAPHS = 2
"""The last answer may be followed by text that no longer belongs to it, so it takes no more paragraphs than the longest
answer before it, or these, where there are too few answers to compare it with."""
MIN_COMPARED = 2
"""Answers that show how long the answers of an FAQ are."""


@dataclass(frozen=True)
class Question:
    """A question with its whole answer."""

    text: str
    answer: str


def units(paragraphs: Sequence[Paragraph], *, is_faq: bool = False) -> Iterator[Paragraph | Question]:
    """Yield the paragraphs in their order, questions joined with their answers.

    `is_faq`: the headings above say that these are questions.
    """
    pieces = [piece for place, each in enumerate(paragraphs) for piece in pieces_of(each, place)]
    settle(pieces)
    questions = _questions(pieces, is_faq)
    if not questions:
        yield from (each for each in paragraphs if each.text)
        return
    yield from _prose(pieces[: questions[0]])
    longest = 1 if len(questions) > MIN_COMPARED else MIN_LAST_PARAGRAPHS
    for at, following in zip(questions, [*questions[1:], len(pieces)], strict=True):
        behind = pieces[at + 1 : following]
        length = _end(behind, number(pieces[at].text))
        if following == len(pieces):
            length = min(length, _reach(behind, longest))
        answer = _joined(behind[:length])
        longest = max(longest, len({each.paragraph for each in behind[:length]}))
        yield Question(bare(pieces[at].text), answer)
        yield from _prose(behind[length:])


def _questions(pieces: Sequence[Piece], is_faq: bool) -> list[int]:
    """Return the places of the questions that have an answer."""
    found = [at for at in range(len(pieces)) if _is_asked(pieces, at)]
    plain = [at for at in found if pieces[at].role is Role.PLAIN]
    if len(plain) < MIN_PLAIN_QUESTIONS and not (plain and is_faq):
        found = [at for at in found if pieces[at].role is not Role.PLAIN]
    return found


def _is_asked(pieces: Sequence[Piece], at: int) -> bool:
    piece = pieces[at]
    following = pieces[at + 1] if at + 1 < len(pieces) else None
    if following is None or following.role in (Role.MARKED, Role.BOLD):
        return False
    match piece.role:
        case Role.BOLD:
            return following.role is not Role.PLAIN and (following.role is not Role.TITLE or _introduces(following))
        case Role.MARKED:
            return _is_answered(pieces, at)
        case Role.PLAIN:
            # Questions in a row are a list of questions, and an item is asked by the sentence above its list.
            in_row = following.role is Role.PLAIN or (at > 0 and pieces[at - 1].role is Role.PLAIN)
            same = following.paragraph == piece.paragraph
            if following.role is Role.TITLE and not _introduces(following):
                return False
            return not in_row and (same or not is_bullet(piece.text))
    return False


def _is_answered(pieces: Sequence[Piece], at: int) -> bool:
    """Return whether the answer's mark follows before the next question, or the marked text is a question itself."""
    mark = pieces[at].mark
    if mark is None or mark.is_doubtful:
        return False
    for piece in pieces[at + 1 :]:
        if piece.role in (Role.MARKED, Role.BOLD):
            break
        if piece.role is Role.ANSWER and piece.mark is not None:
            return piece.mark.answers(mark)
    return asks(pieces[at].text)


def _end(pieces: Sequence[Piece], asked: int | None) -> int:
    """Return how many pieces belong to an answer: up to a line that stands out, unless it introduces what follows.

    `asked`: the question's number; the next number, if no list of the answer has it, ends the answer too.
    """
    has_list = False
    for place, piece in enumerate(pieces):
        if piece.role is Role.TITLE and place and not _introduces(piece):
            return place
        if place and _is_title(piece) and place + 1 < len(pieces):
            return place
        counted = number(piece.text)
        if asked is not None and counted == asked + 1 and not has_list:
            return place
        has_list = has_list or counted is not None
    return len(pieces)


def _is_title(piece: Piece) -> bool:
    """Return whether a paragraph reads as a title of what follows: short, and no sentence."""
    text = piece.text.strip()
    is_item = is_bullet(text) or is_numbered(text)
    return piece.role is Role.TEXT and len(text) < MAX_SHORT_CHARACTERS and not (text.endswith(ENDS) or is_item)


def _introduces(title: Piece) -> bool:
    return title.text.rstrip().endswith((":", "："))


def _reach(pieces: Sequence[Piece], most: int) -> int:
    """Return how many pieces the last answer takes: so many paragraphs, with the items of their lists."""
    taken, before = 0, -1
    for place, piece in enumerate(pieces):
        if piece.paragraph != before:
            taken += piece.role is Role.ANSWER or not (is_bullet(piece.text) or is_numbered(piece.text))
            before = piece.paragraph
        if taken > most:
            return place
    return len(pieces)


def _joined(pieces: Sequence[Piece]) -> str:
    """Return an answer's text: its paragraphs and lines as they were, without the answer's mark."""
    text, before, marked = "", -1, False
    for piece in pieces:
        line = piece.text
        if piece.role is Role.ANSWER and piece.mark is not None and not marked:
            line, marked = piece.mark.text, True
        if text and line:
            text += "\n" if piece.paragraph == before else "\n\n"
        text += line
        before = piece.paragraph
    return dedent(text)


def _prose(pieces: Sequence[Piece]) -> Iterator[Paragraph]:
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
