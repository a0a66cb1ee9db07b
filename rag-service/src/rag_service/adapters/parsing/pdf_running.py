"""Finds headers and footers: lines at the edges of pages that come again. They are shown once per document.

Lists have lines at the edges that are alike, too. So a line is a header only if it stays the same, or if nothing in it
changes but the page's number; a text beside that number must stand apart from the page's text.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag_service.adapters.parsing.pdf_layout import Block, Line

EDGE_LINES = 3
MIN_PAGES = 3
MIN_SHARE = 0.5
SAME_PLACE_POINTS = 8.0
APART = 1.6
MARGIN_SHARE = 0.08
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_NUMBER = re.compile(r"\d{1,9}")
_ROMAN = re.compile(r"[ivxlc]{1,7}", re.IGNORECASE)
_PAGE_WORDS = re.compile(
    r"\b(?:page|pages|seite|seiten|pagina|página|páginas|pág|pag|strona|str|sida|side|sivu|blatt|s|p|pp|of|von|de|van|"
    r"di|z|av|sur|no|nr)\b\.?|[\W_]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sheet:
    """A page's blocks, and its height in points."""

    blocks: Sequence[Block]
    bottom: float
    top: float


@dataclass(frozen=True)
class _Seen:
    page: int
    line: Line
    apart: bool
    numbers: tuple[int, ...]


def running_lines(sheets: Sequence[Sheet]) -> tuple[set[int], list[tuple[int, str]]]:
    """Return the `id`s of headers and footers, and what each says with the page that it is first on, from 0."""
    groups: defaultdict[tuple[str, bool], list[_Seen]] = defaultdict(list)
    others: set[str] = set()
    filled = 0
    for page, sheet in enumerate(sheets):
        filled += bool(sheet.blocks)
        for line, upper, apart in _edges(sheet):
            groups[_template(line.text), upper].append(_Seen(page, line, apart, _numbers(line.text)))
    dropped: set[int] = set()
    kept: list[tuple[int, str]] = []
    for group in groups.values():
        for seen in _by_place(group):
            if _comes_often(seen, filled) and (text := _running(seen)) is not None:
                dropped.update(id(each.line) for each in seen)
                if text:
                    kept.append((seen[0].page, text))
    others = {
        block.text for sheet in sheets for block in sheet.blocks if isinstance(block, Line) and id(block) not in dropped
    }
    found = dict.fromkeys(sorted(each for each in kept if each[1] not in others))
    return dropped, list(found)


def _edges(sheet: Sheet) -> Iterator[tuple[Line, bool, bool]]:
    """Yield the lines at the edges, whether it is the upper one, and whether the line stands apart."""
    lines = sorted((block for block in sheet.blocks if isinstance(block, Line)), key=lambda line: -line.base)
    steps = sorted(above.base - below.base for above, below in pairwise(lines))
    steps = [step for step in steps if step > 1]
    usual = steps[len(steps) // 4] if steps else 0.0
    margin = MARGIN_SHARE * (sheet.top - sheet.bottom)
    for upper, ordered in ((True, lines), (False, lines[::-1])):
        inner = range(min(EDGE_LINES, len(ordered) - 1))
        last = next((at + 1 for at in inner if abs(ordered[at].base - ordered[at + 1].base) > APART * usual), 0)
        for at, line in enumerate(ordered[:EDGE_LINES]):
            outer = line.base > sheet.top - margin if upper else line.base < sheet.bottom + margin
            yield line, upper, at < last or outer


def _template(text: str) -> str:
    if _ROMAN.fullmatch(text.strip("-–— ")):
        return "#"
    return _NUMBER.sub("#", text)


def _numbers(text: str) -> tuple[int, ...]:
    bare = text.strip("-–— ").lower()
    if _ROMAN.fullmatch(bare):
        values = [ROMAN[sign] for sign in bare]
        return (sum(-one if one < other else one for one, other in zip(values, [*values[1:], 0], strict=True)),)
    return tuple(map(int, _NUMBER.findall(text)))


def _by_place(group: Sequence[_Seen]) -> Iterator[list[_Seen]]:
    """Yield those of a group that stand at one height, one a page."""
    near: list[_Seen] = []
    for seen in sorted(group, key=lambda each: (each.line.base, each.page)):
        if near and seen.line.base - near[-1].line.base > SAME_PLACE_POINTS:
            yield _by_page(near)
            near = []
        near.append(seen)
    if near:
        yield _by_page(near)


def _by_page(seen: Sequence[_Seen]) -> list[_Seen]:
    return list({each.page: each for each in sorted(seen, key=lambda each: each.page)}.values())


def _comes_often(seen: Sequence[_Seen], pages: int) -> bool:
    """Return whether lines come on most pages, or on three pages or more one after the other, left and right alike."""
    if len(seen) == pages == 2:
        return all(each.apart for each in seen)
    if len(seen) < MIN_PAGES:
        return False
    if len(seen) >= MIN_SHARE * pages:
        return True
    numbers = [each.page for each in seen]
    return any(numbers[at + 2] - numbers[at] <= 4 for at in range(len(numbers) - 2))


def _running(seen: Sequence[_Seen]) -> str | None:
    """Return what lines say that are headers or footers, without the page's number; None if they are none."""
    texts = {each.line.text for each in seen}
    apart = sum(each.apart for each in seen) * 2 > len(seen)
    if len(texts) == 1:
        return texts.pop() if apart else None
    columns = list(zip(*(each.numbers for each in seen), strict=True))
    counting = [at for at, values in enumerate(columns) if _counts(values, seen)]
    if any(len(set(values)) > 1 for at, values in enumerate(columns) if at not in counting):
        return None
    text = _without(seen[0].line.text, counting)
    if not _PAGE_WORDS.sub("", _NUMBER.sub("", text)):
        return ""
    return text if apart and len(counting) == 1 else None


def _counts(values: Sequence[int], seen: Sequence[_Seen]) -> bool:
    """Return whether numbers grow with the page."""
    return len(set(values)) > 1 and len({value - each.page for value, each in zip(values, seen, strict=True)}) == 1


def _without(text: str, counting: Sequence[int]) -> str:
    """Return a text without its page number and the word at it."""
    if _ROMAN.fullmatch(text.strip("-–— ")):
        return ""
    matches = list(_NUMBER.finditer(text))
    for at in reversed(counting):
        head, tail = text[: matches[at].start()], text[matches[at].end() :]
        head = re.sub(
            r"(?:^|[\s|·•–—-])(?:page|seite|pagina|página|pag|pág|s|p|strona|blatt)?[.:]?[\s|·•–—-]*$",
            "",
            head,
            flags=re.IGNORECASE,
        )
        tail = re.sub(r"^\s*(?:of|von|de|van|/|di|sur|z)\s*\d+", "", tail, flags=re.IGNORECASE)
        text = f"{head.rstrip()} {tail.lstrip(' |·•–—-')}"
    return text.strip(" |·•–—,;")
