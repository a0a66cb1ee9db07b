"""Cuts sections into passages, one vector each; no passage is longer than the encoder's window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import cast

from semchunk.semchunk import chunk as cut_by_meaning

from rag_service.adapters.parsing.cleaning import short
from rag_service.adapters.parsing.grouping import Group, grouped
from rag_service.adapters.parsing.tokens import LETTERS_PER_TOKEN, Counter, Tokens
from rag_service.domain.document import Chunk, Parsed, PassageKind, Section, Unreadable

FRAME_TOKENS = 2
"""Tokens that the encoder adds to every text."""
PREFIX_SHARE = 0.35
"""Of a passage's tokens for title and headings; longer ones are shortened."""
MAX_PREFIX_PART_CHARACTERS = 100
MIN_PREFIX_PART_CHARACTERS = 20
MAX_COUNTED_ROWS, SAMPLED_ROWS = 200, 50
"""Of a longer table, the tokens of some rows are counted and those of the others estimated."""
MAX_QA_CHARACTERS = 4_000
"""Of a question with its answer; a longer answer is cut as prose is."""


class StructuredChunker:
    """Cuts by headings, pages and sheets first, then by paragraphs, sentences and words; safe in any thread."""

    def __init__(
        self,
        encoder_folder: Path | None = None,
        *,
        tokens: int = 240,
        window: int = 256,
        most: int = 20_000,
        most_rows: int = 100_000,
    ) -> None:
        """`tokens`: the usual length of a passage, title and headings included. A text that fits the encoder's `window`
        is not cut.

        Without an encoder's folder, or while it is empty, tokens are estimated. More than `most` passages are refused,
        and more than `most_rows` of rows, which cost less (domain/own_vectors.py).
        """
        self._tokens = Tokens(encoder_folder)
        self._usual = tokens
        self._window = window
        self._most = most
        self._most_rows = most_rows

    def chunks(self, parsed: Parsed) -> list[Chunk]:
        """Return the passages in their order; raise Unreadable where there are too many."""
        count = self._tokens.counter()
        made: list[Chunk] = []
        rows = 0
        for kind, sections in groupby(parsed.sections, key=lambda each: each.kind):
            for group in self._groups(kind, list(sections), parsed.title, count):
                title, heading = self._prefix(parsed.title, group.heading, count)
                taken = FRAME_TOKENS + _size(_head(title, heading), count)
                for text, becomes in _texts(kind, group.text, self._usual - taken, self._window - taken, count):
                    rows += becomes is PassageKind.ROWS
                    if len(made) + 1 - rows > self._most or rows > self._most_rows:
                        most = self._most if rows <= self._most_rows else self._most_rows
                        raise Unreadable("too_large", f"The file makes more than {most:,} passages; split it.")
                    made.append(Chunk(len(made), text, title, heading, group.locator, becomes))
        return made

    def _groups(self, kind: PassageKind, sections: list[Section], title: str, count: Counter) -> Iterator[Group]:
        """Yield small prose sections together; a table or a question alone."""
        if kind is PassageKind.PROSE:
            yield from grouped(sections, lambda group: self._fits(group, title, count))
        else:
            yield from (Group((section,)) for section in sections)

    def _fits(self, group: Group, title: str, count: Counter) -> int:
        """Return how many tokens would be left of the window if the group became one passage; negative: it can't."""
        if len(group.text) > self._window * LETTERS_PER_TOKEN:
            return -1
        head = _head(*self._prefix(title, group.heading, count))
        return self._window - FRAME_TOKENS - count(head) - count(group.text)

    def _prefix(self, title: str, heading: tuple[str, ...], count: Counter) -> tuple[str, tuple[str, ...]]:
        """Return title and headings, shortened as far as they must be to leave room for the text."""
        most = int(self._usual * PREFIX_SHARE)
        max_characters = MAX_PREFIX_PART_CHARACTERS
        while True:
            title, heading = short(title, max_characters), tuple(short(each, max_characters) for each in heading)
            if count(_head(title, heading)) <= most:
                return title, heading
            if max_characters > MIN_PREFIX_PART_CHARACTERS:
                max_characters -= MIN_PREFIX_PART_CHARACTERS
            elif len(heading) > 1:
                # The innermost heading says most about the passage; the outermost adds least to the title.
                heading = heading[1:]
            else:
                return short(title, MIN_PREFIX_PART_CHARACTERS), tuple(
                    short(each, MIN_PREFIX_PART_CHARACTERS) for each in heading
                )


def _head(title: str, heading: Sequence[str]) -> str:
    return Chunk(0, "", title, tuple(heading), "").searched.rstrip("\n")


def _size(text: str, count: Counter) -> int:
    return count(text) if text else 0


def _texts(kind: PassageKind, text: str, usual: int, most: int, count: Counter) -> Iterator[tuple[str, PassageKind]]:
    """Yield the passages of a text with their kinds: prose is cut, rows and answers are kept whole."""
    if kind is PassageKind.ROWS:
        yield from ((rows, kind) for rows in _packed_rows(text.splitlines(), usual, count))
    elif kind is PassageKind.QA and len(text) <= MAX_QA_CHARACTERS:
        yield text, kind
    else:
        yield from ((piece, PassageKind.PROSE) for piece in _cut(text, usual, most, count))


def _packed_rows(rows: Sequence[str], usual: int, count: Counter) -> Iterator[str]:
    """Yield rows by as many as fit; a row that is longer than a passage is a passage of its own."""
    part: list[str] = []
    size = 0
    count = _row_counter(rows, count)
    for row in rows:
        tokens = count(row)
        if part and size + tokens > usual:
            yield "\n".join(part)
            part, size = [], 0
        part.append(row)
        size += tokens
    if part:
        yield "\n".join(part)


def _row_counter(rows: Sequence[str], count: Counter) -> Counter:
    """Return what counts a row's tokens: of a long table by the row's letters, at the rate of some of its rows.

    Counting each of 100,000 rows takes eleven seconds, in which the process's other threads hardly run.
    """
    if len(rows) <= MAX_COUNTED_ROWS:
        return count
    sample = rows[:: len(rows) // SAMPLED_ROWS]
    rate = sum(map(count, sample)) / max(1, sum(map(len, sample)))
    return lambda row: ceil(len(row) * rate)


@dataclass(frozen=True)
class _Span:
    start: int
    end: int


def _cut(text: str, usual: int, most: int, count: Counter) -> Iterator[str]:
    """Yield a text whole where it has at most `most` tokens, else in pieces of at most `usual`."""
    if len(text) <= most * LETTERS_PER_TOKEN and count(text) <= most:
        if text.strip():
            yield text.strip()
        return
    for span in _joined(text, _spans(text, usual, count), usual, count):
        yield text[span.start : span.end]


def _spans(text: str, usual: int, count: Counter) -> Iterator[_Span]:
    """Yield the pieces' places. Looks at a window at a time, so that any text costs as much as it is long."""
    width = usual * LETTERS_PER_TOKEN * 4
    start = 0
    while start < len(text):
        window = text[start : start + width]
        last = start + width >= len(text)
        if not last:
            window = window[: _boundary(window)]
        _, places = cut_by_meaning(window, usual, count, memoize=False, offsets=True)
        found = cast(list[tuple[int, int]], places)
        spans = [_Span(start + first, start + end) for first, end in found if window[first:end].strip()]
        if last or len(spans) < 2:
            yield from spans
            start += len(window)
        else:
            # The last one may go on behind the window's end.
            yield from spans[:-1]
            start = spans[-1].start


def _boundary(window: str) -> int:
    """Return where a window is best ended: behind its last paragraph, line or word in its second half."""
    for sign in ("\n\n", "\n", " "):
        place = window.rfind(sign, len(window) // 2)
        if place >= 0:
            return place + len(sign)
    return len(window)


def _joined(text: str, spans: Iterator[_Span], usual: int, count: Counter) -> Iterator[_Span]:
    """Yield the pieces, neighbours as one where they fit: a cut at several levels leaves crumbs."""
    before: _Span | None = None
    for span in spans:
        if before is None:
            before = span
            continue
        both = text[before.start : span.end]
        if len(both) <= usual * LETTERS_PER_TOKEN and count(both) <= usual:
            before = _Span(before.start, span.end)
        else:
            yield before
            before = span
    if before is not None:
        yield before
