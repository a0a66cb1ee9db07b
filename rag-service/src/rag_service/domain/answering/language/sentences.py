"""Splits a passage into sentences with exact positions, so that comparing texts verifies a citation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag_service.domain.answering.language.sentence_ends import ends_sentence, reads_as_ordinal
from rag_service.domain.document import PassageKind

Kind = Literal["prose", "item", "heading", "table", "code"]

MAX_SENTENCE_CHARACTERS = 1_000
"""Characters; a longer piece is cut between two words."""
MIN_WRAPPED_LINE_CHARACTERS = 45
"""Characters: a line that breaks off later than this was wrapped, and its sentence goes on in the next one."""

_FENCE = re.compile(r"^[ \t]*(```|~~~)")
_ITEM = re.compile(
    r"^[ \t]*(?:[-*•‣▪◦–+]|\(?(?P<number>\d{1,3})(?P<mark>[.)])|\(?[a-z](?:\)|\.(?![ \t]*(?:[^\W_]\.|\d))))[ \t]+(?=\S)"
)
_HASHES = re.compile(r"^[ \t]*#{1,6}[ \t]+(?=\S)")
_RULE = re.compile(r"^[\s|:+=_*-]*$")
_END = re.compile(r"[.!?…؟।۔]+[\"'”’»)\]*_`“]*(?=\s)|[。！？]+[」』”]?")
_SPACE = re.compile(r"\s*")
_ENDS_A_LINE = re.compile(r"[.!?…:;。！？؟।۔][\"'”’»)\]]*$")


@dataclass(frozen=True)
class Sentence:
    """A piece of a passage: `passage[start:end]` is `text`, to the character."""

    text: str
    start: int
    end: int
    kind: Kind = "prose"
    block: int = 0
    """Index of the paragraph or list of the passage, from 0."""

    @property
    def shown(self) -> str:
        """Return it on one line."""
        return " ".join(self.text.split())


def split(text: str, kind: PassageKind = PassageKind.PROSE) -> list[Sentence]:
    """Return a passage's sentences in their order.

    PROSE: a list's items lose their bullet or number, a heading its marks; a table's row and a block of code stay
    whole. ROWS: every line is one sentence of the kind `table` and a block of its own, however long it is.
    QA: the first line is one `heading`, in block 0, and the answer's sentences follow from block 1 on.
    """
    if kind is PassageKind.ROWS:
        return _rows(text)
    if kind is PassageKind.QA:
        question, _, _ = text.partition("\n")
        return [*_sentences(text, 0, len(question), "heading", 0), *_prose(text, len(question) + 1, 1)]
    return _prose(text, 0, 0)


def _rows(text: str) -> list[Sentence]:
    found, start = [], 0
    for block, line in enumerate(text.split("\n")):
        if row := line.strip():
            left = start + line.index(row)
            found.append(Sentence(row, left, left + len(row), "table", block))
        start += len(line) + 1
    return found


def _prose(text: str, start: int, block: int) -> list[Sentence]:
    """Return the sentences from `start` on; `block` is the index of the first block."""
    return [each for piece in _pieces(text, start, block) for each in _sentences(text, *piece)]


@dataclass(frozen=True)
class _Line:
    start: int
    end: int
    text: str


def _lines(text: str, start: int) -> list[_Line]:
    found = []
    for line in text[start:].splitlines(keepends=True):
        # `rstrip` takes the line's end, too; spaces at its end belong to no sentence.
        found.append(_Line(start, start + len(line.rstrip()), line.rstrip()))
        start += len(line)
    return found


def _pieces(text: str, start: int, block: int) -> Iterator[tuple[int, int, Kind, int]]:
    """Yield blocks by layout: (start, end, kind, block)."""
    lines = _lines(text, start)
    index = 0
    listed = {_list_number(line.text) for line in lines}
    while index < len(lines):
        line = lines[index]
        if not line.text.strip():
            block += 1
            index += 1
            continue
        kind, skipped = _kind(line.text)
        last = index
        if kind == "code":
            last = _closing_fence(lines, index)
        elif kind in ("prose", "item"):
            while last + 1 < len(lines) and _goes_on(lines[last].text, lines[last + 1].text, listed):
                last += 1
            if kind == "prose" and last == index and _is_heading(lines, index):
                kind = "heading"
        if not _RULE.match(line.text) or kind == "code":
            yield line.start + skipped, lines[last].end, kind, block
        index = last + 1


def _kind(line: str) -> tuple[Kind, int]:
    if _FENCE.match(line):
        return "code", 0
    if line.count("|") >= 2 or line.count("\t") >= 2:
        return "table", 0
    for pattern, kind in ((_HASHES, "heading"), (_ITEM, "item")):
        found = pattern.match(line)
        if found and not (kind == "item" and _begins_with_ordinal(found, line)):
            return ("heading" if kind == "heading" else "item"), found.end()
    return "prose", 0


def _closing_fence(lines: list[_Line], opening: int) -> int:
    for index in range(opening + 1, len(lines)):
        if _FENCE.match(lines[index].text):
            return index
    return len(lines) - 1


def _begins_with_ordinal(item: re.Match[str], line: str) -> bool:
    return item["mark"] == "." and reads_as_ordinal(item["number"], line[item.end() :])


def _list_number(line: str) -> int:
    found = _ITEM.match(line)
    return int(found["number"]) if found and found["number"] else 0


def _goes_on(line: str, following: str, listed: set[int]) -> bool:
    """Return whether a sentence is wrapped at the end of this line; `listed`: the numbers at the begin of lines."""
    kind = _kind(following)[0]
    if not following.strip() or kind not in ("prose", "item") or _RULE.match(following):
        return False
    is_long = len(line) >= MIN_WRAPPED_LINE_CHARACTERS
    if kind == "item":
        # "… the fee for a night in this house is\n40. Breakfast …": no list counts so.
        number = _list_number(following)
        return is_long and line[-1:].isalpha() and number > 1 and not {number - 1, number + 1} & listed
    if _ENDS_A_LINE.search(line):
        # "… verfällt am 31.\nMärz des Folgejahres"
        shown = line.rstrip()
        return is_long or (
            shown.endswith(".")
            and not ends_sentence(f"{shown} {following.lstrip()}", 0, len(shown) - 1, len(shown) + 1)
        )
    return is_long or following.lstrip()[0].islower()


def _is_heading(lines: list[_Line], index: int) -> bool:
    line = lines[index].text.strip()
    return index + 1 < len(lines) and len(line) < MIN_WRAPPED_LINE_CHARACTERS and not _ENDS_A_LINE.search(line)


def _sentences(text: str, start: int, end: int, kind: Kind, block: int) -> Iterator[Sentence]:
    borders = [start, *(_borders(text, start, end) if kind in ("prose", "item") else ()), end]
    for begins, ends in pairwise(borders):
        for first, last in _bounded(text, begins, ends):
            piece = text[first:last]
            left = first + len(piece) - len(piece.lstrip())
            if piece := piece.strip():
                yield Sentence(piece, left, left + len(piece), kind, block)


def _borders(text: str, start: int, end: int) -> Iterator[int]:
    sentence = start
    for found in _END.finditer(text, start, end):
        following = _SPACE.match(text, found.end(), end).end()  # type: ignore[union-attr]
        if following < end and _is_border(text, sentence, found, following):
            yield found.end()
            sentence = following


def _is_border(text: str, sentence: int, found: re.Match[str], following: int) -> bool:
    marks = found[0]
    if marks.startswith(".") and not marks.startswith(".."):
        return ends_sentence(text, sentence, found.start(), following, marks=marks)
    # "»Wann?«, fragte sie": a quote that ends inside a sentence; "Wait … then go": a pause.
    paused = marks[0] in ".…" or marks[-1] in "\"'”’»“"
    return not (paused and text[following].islower())


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE_CHARACTERS:
        cut = text.rfind(" ", start + 1, start + MAX_SENTENCE_CHARACTERS)
        cut = cut if cut > start else start + MAX_SENTENCE_CHARACTERS
        yield start, cut
        start = cut
    yield start, end
