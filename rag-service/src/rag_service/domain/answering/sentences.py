"""Splits a passage into sentences with exact positions, so that comparing texts verifies a citation."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from rag_service.domain.document import PassageKind

Kind = Literal["prose", "item", "heading", "table", "code"]

MAX_SENTENCE_CHARACTERS = 1_000
"""Characters; a longer piece is cut between two words."""
MIN_WRAPPED_LINE_CHARACTERS = 45
"""Characters: a line that breaks off later than this was wrapped, and its sentence goes on in the next one."""

_FENCE = re.compile(r"^[ \t]*(```|~~~)")
_ITEM = re.compile(r"^[ \t]*(?:[-*•‣▪◦–+]|\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+(?=\S)")
_HASHES = re.compile(r"^[ \t]*#{1,6}[ \t]+(?=\S)")
_RULE = re.compile(r"^[\s|:+=_*-]*$")
_END = re.compile(r"[.!?…]+[\"'”’»)\]*_`]*(?=\s)|[。！？]+[」』”]?")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"'“])(?:(?:[A-Za-z]\.){2,}|[A-Z]\.|(?i:approx|abb|al|art|assoc|ave|bzw|ca|cf|cm|co|corp|dept|dr"
    r"|ed|eg|est"
    r"|etc|evtl|fig|ggf|ie|inc|incl|jr|ltd|max|min|misc|mr|mrs|ms|no|nos|nr|op|p|par|pp|prof|resp|rev|sec|sr|st|str"
    r"|tel|temp|usw|vers|vgl|vol|vs|v|z)\.)$"
)
_OPENS_A_SENTENCE = re.compile(
    r"(?:The|A|An|In|It|He|She|This|These|That|They|We|You|If|When|However|But|And|For|Der|Die|Das|Ein|Eine|Wenn|Sie)\b"
)
_ENDS_A_LINE = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*$")


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
        found.append(_Line(start, start + len(line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")), line.rstrip()))
        start += len(line)
    return found


def _pieces(text: str, start: int, block: int) -> Iterator[tuple[int, int, Kind, int]]:
    """Yield blocks by layout: (start, end, kind, block)."""
    lines = _lines(text, start)
    index = 0
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
            while last + 1 < len(lines) and _goes_on(lines[last].text, lines[last + 1].text):
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
        if found := pattern.match(line):
            return ("heading" if kind == "heading" else "item"), found.end()
    return "prose", 0


def _closing_fence(lines: list[_Line], opening: int) -> int:
    for index in range(opening + 1, len(lines)):
        if _FENCE.match(lines[index].text):
            return index
    return len(lines) - 1


def _goes_on(line: str, following: str) -> bool:
    """Return whether a sentence is wrapped at the end of this line."""
    if not following.strip() or _kind(following)[0] != "prose" or _RULE.match(following):
        return False
    if _ENDS_A_LINE.search(line):
        return len(line) >= MIN_WRAPPED_LINE_CHARACTERS
    first = following.lstrip()[0]
    return first.islower() or len(line) >= MIN_WRAPPED_LINE_CHARACTERS


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
    for found in _END.finditer(text, start, end):
        if found.end() < end and _is_border(text, start, found):
            yield found.end()


def _is_border(text: str, start: int, found: re.Match[str]) -> bool:
    if not found[0].startswith("."):
        return True
    following = text[found.end() : found.end() + 40].lstrip()
    before = text[max(start, found.start() - 20) : found.start() + 1]
    if _ABBREVIATION.search(before):
        # "… in the U.S. The company …": only a word that begins sentences distinguishes the two cases.
        return bool(re.search(r"(?:[A-Za-z]\.){2,}$|\betc\.$", before) and _OPENS_A_SENTENCE.match(following))
    # A number alone in front of it is a list's: "see 3. Printers".
    if re.search(r"(?:^|\s)\d{1,2}\.$", before) and following[:1].isupper() and found.start() - start < 4:
        return False
    if following[:1].islower():
        return bool(re.search(r"\w{3,}\.$", before)) and len(found[0]) == 1
    return True


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_SENTENCE_CHARACTERS:
        cut = text.rfind(" ", start + 1, start + MAX_SENTENCE_CHARACTERS)
        cut = cut if cut > start else start + MAX_SENTENCE_CHARACTERS
        yield start, cut
        start = cut
    yield start, end
