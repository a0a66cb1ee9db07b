"""Finds where the words of a page begin and end among its letters, and which object draws each."""

import re
from collections.abc import Iterator, Sequence

from rag_service.adapters.parsing.pdf_calls import is_generated, text_object

Span = tuple[int, int, int | None]
"""The first letter, the one behind the last, and the address of the object; None where several draw the word."""
_LINE = re.compile(r"[^\r\n\x02]+\x02?|\x02")
_WORD = re.compile(r"[^ \t\xa0\x02]+\x02?|\x02")


def spans(handle: int | None, letters: str) -> Iterator[list[Span]]:
    """Yield the words of each line; a line ends behind a hyphen, too. `handle`: of PDFium's letters of the page."""
    for line in _LINE.finditer(letters):
        words = [word.span() for word in _WORD.finditer(letters, *line.span())]
        yield _joined(handle, _owned(handle, words))


def _joined(handle: int | None, words: Sequence[Span]) -> list[Span]:
    """Return words of one object as one where spaces of its own part them: no column begins there."""
    found: list[Span] = []
    for start, end, owner in words:
        near = owner and found and found[-1][2] == owner and found[-1][1] == start - 1
        if near and not is_generated(handle, start - 1):
            found[-1] = found[-1][0], end, owner
        else:
            found.append((start, end, owner))
    return found


def _owned(handle: int | None, spans: Sequence[tuple[int, int]]) -> list[Span]:
    """Return a line's words with the object that draws each; None where several do.

    An object's letters follow each other, so words between two of one object belong to it.
    """
    found: list[int | None] = [None] * len(spans)
    firsts: dict[int, int | None] = {}
    lasts: dict[int, int | None] = {}
    waiting = [(0, len(spans) - 1)] if spans else []
    while waiting:
        low, high = waiting.pop()
        if low not in firsts:
            firsts[low] = text_object(handle, spans[low][0])
        if high not in lasts:
            lasts[high] = text_object(handle, spans[high][1] - 1)
        if firsts[low] == lasts[high]:
            found[low : high + 1] = [firsts[low]] * (high + 1 - low)
        elif low < high:
            middle = (low + high) // 2
            waiting += [(low, middle), (middle + 1, high)]
    return [(start, end, owner) for (start, end), owner in zip(spans, found, strict=True)]
