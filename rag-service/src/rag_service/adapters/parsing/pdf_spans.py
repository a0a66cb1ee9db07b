"""Finds where the words of a page begin and end among its letters, and which object draws each."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from rag_service.adapters.parsing.pdf_calls import is_generated, text_object

Span = tuple[int, int, int | None]
"""The first letter, the one behind the last, and the address of the object; None where several draw the word."""
MIN_SENTENCE_WORDS = 6
MAX_ROW_WORDS = 8
"""Of a row of a table, mostly; each of its words may have an object of its own."""
_DIGIT = re.compile(r"\d")
_LINE = re.compile(r"[^\r\n\x02]+\x02?|\x02")
_WORD = re.compile(r"[^ \t\xa0\x02]+\x02?|\x02")


def spans(handle: int | None, letters: str) -> Iterator[list[Span]]:
    """Yield the words of each line; a line ends behind a hyphen, too. `handle`: of PDFium's letters of the page."""
    for line in _LINE.finditer(letters):
        words = [word.span() for word in _WORD.finditer(letters, *line.span())]
        yield _joined(handle, letters, _owned(handle, words))


def _joined(handle: int | None, letters: str, words: Sequence[Span]) -> list[Span]:
    """Return the words of a sentence as one where one object draws them and spaces of its own part them.

    PDFium shortens several spaces to one. So the words of lists and tables stay apart, because columns may begin there.
    """
    found: list[Span] = []
    for owner, group in groupby(words, key=itemgetter(2)):
        run = list(group)
        text = letters[run[0][0] : run[-1][1]]
        if not owner or len(run) < MIN_SENTENCE_WORDS or not _is_sentence(text, letters, run):
            found += run
            continue
        start, end, _ = run[0]
        for first, last, _ in run[1:]:
            if first - 1 > end or is_generated(handle, first - 1):
                found.append((start, end, owner))
                start = first
            end = last
        found.append((start, end, owner))
    return found


def _is_sentence(text: str, letters: str, run: Sequence[Span]) -> bool:
    return not _DIGIT.search(text) and sum(letters[start].islower() for start, _, _ in run) * 2 > len(run)


def _owned(handle: int | None, spans: Sequence[tuple[int, int]]) -> list[Span]:
    """Return a line's words with the object that draws each; None where several do.

    An object's letters follow each other, so words between two of one object belong to it.
    """
    if len(spans) <= MAX_ROW_WORDS:
        return [
            (start, end, first if end - start == 1 or first == text_object(handle, end - 1) else None)
            for start, end in spans
            for first in (text_object(handle, start),)
        ]
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
