"""Computes the numbers of headings, clauses and list items as Word shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rag_service.adapters.parsing.numerals import repeated, roman
from rag_service.adapters.parsing.word_shapes import W
from rag_service.adapters.parsing.word_styles import Styles, element_of, value_of

LEVELS = 9
MAX_LABEL_CHARACTERS = 40
_CYRILLIC = "абвгдежзиклмнопрстуфхцчшщэюя"
_ENGLISH = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@dataclass(frozen=True)
class _Level:
    start: int = 1
    kind: str = "decimal"
    text: str = ""
    restarts_after: int | None = None
    """The level (from 1) whose next number restarts this one; 0: none does; None: every level above."""
    style: str = ""
    in_digits: bool = False


@dataclass(frozen=True)
class _List:
    abstract: str
    levels: dict[int, _Level]
    starts: dict[int, int]


@dataclass(frozen=True)
class Label:
    """The sign that Word shows before a paragraph: a bullet, or a number with its signs."""

    text: str
    is_bullet: bool


class Numbering:
    """Counts a document's numbered paragraphs; each must be asked for once, in their order."""

    def __init__(self, element: Any | None, styles: Styles) -> None:
        """`element`: the root of the document's numbering part, None where it has none."""
        self._styles = styles
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        if element is not None:
            self._read(element)

    def label(self, paragraph: Any) -> Label | None:
        """Return the label of a paragraph, and count it; None if it is not numbered."""
        if element_of(paragraph, f"{W}pPr") is None:
            return None
        number, depth = self._place(paragraph)
        found = self._lists.get(number or "")
        if found is None or depth not in found.levels:
            return None
        level = found.levels[depth]
        if level.kind == "bullet":
            return Label("-", True)
        counts = self._counts.setdefault(found.abstract, [None] * LEVELS)
        self._count(found, number or "", depth, counts)
        return Label(_label(found, level, counts), False)

    def _count(self, found: _List, number: str, depth: int, counts: list[int | None]) -> None:
        before = counts[depth]
        if depth in found.starts and (number, depth) not in self._begun:
            before = found.starts[depth] - 1
        self._begun.add((number, depth))
        counts[depth] = (found.levels[depth].start - 1 if before is None else before) + 1
        for deeper in range(depth + 1, LEVELS):
            after = found.levels[deeper].restarts_after if deeper in found.levels else None
            if after is None or depth < after:
                counts[deeper] = None

    def _place(self, paragraph: Any) -> tuple[str | None, int]:
        """Return the list of a paragraph and its level there; its own properties count before its style's."""
        own = element_of(paragraph, f"{W}pPr/{W}numPr")
        number = None if own is None else value_of(own, f"{W}numId")
        depth = None if own is None else value_of(own, f"{W}ilvl")
        style = value_of(paragraph, f"{W}pPr/{W}pStyle") or ""
        if number is None:
            for name, element in self._styles.chain(style):
                properties = element.find(f"{W}pPr/{W}numPr")
                if properties is None:
                    continue
                number = value_of(properties, f"{W}numId") or number
                depth = depth or value_of(properties, f"{W}ilvl") or self._linked(number, name)
                if number is not None:
                    break
        return number, int(depth) if depth and depth.isdigit() else 0

    def _linked(self, number: str | None, style: str) -> str | None:
        """Return the level of a list that is linked to a style."""
        found = self._lists.get(number or "")
        levels = found.levels.items() if found else ()
        return next((str(depth) for depth, level in levels if level.style == style), None)

    def _read(self, root: Any) -> None:
        abstracts = {each.get(f"{W}abstractNumId"): each for each in root.iter(f"{W}abstractNum")}
        defining = {value_of(each, f"{W}styleLink"): name for name, each in abstracts.items()}
        for each in root.iter(f"{W}num"):
            name = value_of(each, f"{W}abstractNumId")
            if name not in abstracts:
                continue
            if link := value_of(abstracts[name], f"{W}numStyleLink"):
                name = defining.get(link, name)
            levels = _levels(abstracts[name])
            starts: dict[int, int] = {}
            for override in each.iter(f"{W}lvlOverride"):
                levels |= _levels(override)
                depth, start = override.get(f"{W}ilvl") or "", value_of(override, f"{W}startOverride") or ""
                if depth.isdigit() and start.isdigit():
                    starts[int(depth)] = int(start)
            self._lists[each.get(f"{W}numId") or ""] = _List(name or "", levels, starts)


def _levels(element: Any) -> dict[int, _Level]:
    found = {}
    for each in element.findall(f"{W}lvl"):
        depth = each.get(f"{W}ilvl") or ""
        if not depth.isdigit() or int(depth) >= LEVELS:
            continue
        start, restart = value_of(each, f"{W}start") or "", value_of(each, f"{W}lvlRestart") or ""
        level = _Level(
            kind=value_of(each, f"{W}numFmt") or "decimal",
            text=(value_of(each, f"{W}lvlText") or "")[:MAX_LABEL_CHARACTERS],
            restarts_after=int(restart) if restart.isdigit() else None,
            style=value_of(each, f"{W}pStyle") or "",
            in_digits=each.find(f"{W}isLgl") is not None,
        )
        found[int(depth)] = replace(level, start=int(start)) if start.isdigit() else level
    return found


def _label(found: _List, level: _Level, counts: Sequence[int | None]) -> str:
    text = level.text
    for depth in range(LEVELS):
        sign = f"%{depth + 1}"
        if sign in text:
            named = found.levels.get(depth, _Level())
            count = counts[depth]
            kind = "decimal" if level.in_digits else named.kind
            text = text.replace(sign, _written(named.start if count is None else count, kind))
    return text.strip()


def _written(number: int, kind: str) -> str:
    match kind:
        case "lowerLetter":
            return repeated(number)
        case "upperLetter":
            return repeated(number).upper()
        case "lowerRoman":
            return roman(number)
        case "upperRoman":
            return roman(number).upper()
        case "russianLower":
            return repeated(number, _CYRILLIC)
        case "russianUpper":
            return repeated(number, _CYRILLIC).upper()
        case "decimalZero":
            return f"{number:02d}"
        case "ordinal":
            tail = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            return f"{number}{tail}"
        case "ordinalText" if 0 < number <= len(_ENGLISH):
            return _ENGLISH[number - 1]
        case "none":
            return ""
    return str(number)
