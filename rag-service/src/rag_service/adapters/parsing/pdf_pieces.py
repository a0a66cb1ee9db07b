"""Joins a page's words to pieces of lines: what stands on one line without a wide gap."""

import re
from collections.abc import Iterator, Sequence

from rag_service.adapters.parsing.pdf_words import Word

WIDE_GAP = 0.8
"""Of the letters' size; wider gaps part columns."""
SAME_LINE = 0.35
SMALLER, RAISED = 0.85, 0.15
_NOTE = re.compile(r"[\d*†‡§¹²³]{1,3}(?:[,;][\d*†‡§]{1,3})*[).]?")
_POWER = re.compile(r"(?:^|[\d\s/])(?:[mkcd]?m|km|qm|ft|in|s)$")
_PUNCTUATION = re.compile(r"[.,;:!?)\]’”\"]")
_CLOSING = (".", ",", ")", ";")
_TEN = re.compile(r"(?<![\d.,])10$")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNIT = re.compile(r"(?:[€$£¥%]|[^\W\d_]{1,4}\.?)(?=[\s,.;:)]|$)")


class Piece:
    """Words on one line without a wide gap."""

    __slots__ = ("_text", "base", "first", "left", "line", "right", "size", "upright", "words")

    def __init__(self, word: Word, first: int) -> None:
        """`first`: the word's number on the page."""
        self.words = [word]
        self.first = first
        self.line = word.line
        self.left, self.right = word.left, word.right
        self.base, self.size = word.base, word.size
        self.upright = word.upright
        self._text: str | None = None

    def add(self, word: Word) -> None:
        """Add a word."""
        self._text = None
        if self.size < word.size * SMALLER and word.base < self.base:
            # What began with a raised sign stands on the line of what follows.
            self.base, self.size = word.base, word.size
        self.words.append(word)
        if word.right > self.right:
            self.right = word.right
        if word.left < self.left:
            self.left = word.left
        self.line = word.line

    def takes(self, word: Word) -> bool:
        """Return whether a word goes on in this piece."""
        last = self.words[-1]
        if word.base == self.base and word.line == self.line and self.upright and word.upright:
            gap = word.left - last.right
            if -self.size < gap <= WIDE_GAP * self.size:
                return True
        if not (self.upright and word.upright):
            return self.upright == word.upright and word.line == self.line
        size = max(self.size, word.size)
        gap = max(word.left - last.right, last.left - word.right)
        if abs(word.base - self.base) > SAME_LINE * size:
            smaller = min(self.size, word.size) <= SMALLER * size
            return smaller and abs(word.base - self.base) < 0.7 * size and -0.5 * size < gap < 0.7 * size
        if word.line == self.line:
            return gap <= WIDE_GAP * size
        return word.left >= last.right - 0.1 * size and gap <= 0.6 * size

    @property
    def text(self) -> str:
        """Return the words as text; notes' numbers are set apart from what they stand at."""
        if self._text is None:
            if len(self.words) == 1:
                self._text = self.words[0].text.strip()
            else:
                self._text = written(self.words, self.base, self.size)
        return self._text


def pieces(words: Sequence[Word]) -> list[Piece]:
    """Return the pieces of a page's words, in their order."""
    found: list[Piece] = []
    for number, word in enumerate(words):
        if found and found[-1].takes(word):
            found[-1].add(word)
        else:
            found.append(Piece(word, number))
    return found


def written(words: Sequence[Word], base: float, size: float) -> str:
    """Return words as text."""
    text = ""
    notes = ""
    for word in words:
        if _is_raised(word, base, size) and _NOTE.fullmatch(word.text):
            text, note = _with_note(text, word.text)
            notes += note
            continue
        if notes and not word.glued and text[-1:].isdigit() and (unit := _UNIT.match(word.text)):
            # Behind the unit: "320 EUR ¹" rather than "320 ¹ EUR".
            text, notes = f"{text} {unit.group()}{notes}{word.text[unit.end() :]}", ""
            continue
        if notes:
            text, notes = text + notes, ""
            text += word.text if _PUNCTUATION.match(word.text) else f" {word.text}"
            continue
        glued = word.glued or not text or (word.text in _CLOSING and text[-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹")
        text += word.text if glued else f" {word.text}"
    return (text + notes).strip()


def _with_note(text: str, sign: str) -> tuple[str, str]:
    """Return the text, and the note whose sign is to follow: a power of ten or of a unit is part of it."""
    shown = sign.rstrip(").").translate(_RAISED)
    if (sign in ("2", "3") and _POWER.search(text[-8:])) or (sign.isdigit() and _TEN.search(text[-6:])):
        return text + shown, ""
    return text, f" {shown}"


def _is_raised(word: Word, base: float, size: float) -> bool:
    return word.size <= SMALLER * size and word.base > base + RAISED * size


def lines_of(found: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Yield pieces by the lines of PDFium."""
    line: list[Piece] = []
    for piece in found:
        if line and (piece.line != line[-1].line or abs(piece.base - line[-1].base) > SAME_LINE * max(piece.size, 1)):
            yield line
            line = []
        line.append(piece)
    if line:
        yield line
