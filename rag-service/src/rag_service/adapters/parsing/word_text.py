"""The visible text of a Word paragraph, and its style."""

import re
from collections.abc import Iterator
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Deleted text, and the fallback copy of a text box for old programs.
UNSEEN = {f"{W}del", f"{W}moveFrom", f"{MC}Fallback", f"{W}pPr", f"{W}rPr", f"{W}instrText", f"{W}delText"}
SIGNS = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}p": " "}
OFF = ("0", "false", "off", "none")
MAX_HIDDEN_HALF_POINTS = 2
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_WHITE = re.compile(r"F[A-F0-9]F[A-F0-9]F[A-F0-9]", re.IGNORECASE)
MAX_STYLE_CHAIN = 12
"""Maximal length of a chain of styles; a longer one is a cycle."""


class Styles:
    """A document's styles: headings, lists and hidden text."""

    def __init__(self, element: Any) -> None:
        self._styles = {style.get(f"{W}styleId"): style for style in element.iter(f"{W}style")}
        self._levels: dict[str, int | None] = {}
        self._unseen: dict[str, bool] = {}

    def level(self, paragraph: Any) -> int | None:
        """Return the level of a heading, 0 for the document's title; None of a paragraph that is none."""
        own = _value(paragraph, f"{W}pPr/{W}outlineLvl")
        if own and own.isdigit() and int(own) < 9:
            return int(own) + 1
        name = _value(paragraph, f"{W}pPr/{W}pStyle")
        if not name:
            return None
        if name not in self._levels:
            self._levels[name] = next(filter(_is_level, map(_level, self._line(name))), None)
        return self._levels[name]

    def is_item(self, paragraph: Any) -> bool:
        """Return whether a paragraph is a list item."""
        if paragraph.find(f"{W}pPr/{W}numPr") is not None:
            return True
        name = _value(paragraph, f"{W}pPr/{W}pStyle") or ""
        return any(style.find(f"{W}pPr/{W}numPr") is not None for style in self._line(name))

    def hides(self, name: str | None) -> bool:
        """Return whether a style hides its text."""
        if not name:
            return False
        if name not in self._unseen:
            self._unseen[name] = any(_unseen(style.find(f"{W}rPr"), on_colour=False) for style in self._line(name))
        return self._unseen[name]

    def chain(self, name: str) -> Iterator[Any]:
        """Yield a style and those it is based on."""
        yield from self._line(name)

    def _line(self, name: str) -> Iterator[Any]:
        """Yield a style and those it is based on."""
        for _ in range(MAX_STYLE_CHAIN):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = _value(style, f"{W}basedOn") or ""


def paragraph_text(paragraph: Any, styles: Styles) -> str:
    """Return the visible text of a paragraph."""
    if styles.hides(_value(paragraph, f"{W}pPr/{W}pStyle")):
        return ""
    return "".join(_pieces(paragraph, styles))


def _pieces(element: Any, styles: Styles) -> Iterator[str]:
    for child in element:
        tag = child.tag
        if tag in UNSEEN or not isinstance(tag, str):
            continue
        if tag == f"{W}t":
            yield child.text or ""
        elif tag == f"{W}r" and _hidden_run(child, styles):
            continue
        else:
            yield SIGNS.get(tag, "")
            yield from _pieces(child, styles)


def _hidden_run(run: Any, styles: Styles) -> bool:
    properties = run.find(f"{W}rPr")
    if properties is None:
        return False
    if styles.hides(_value(properties, f"{W}rStyle")):
        return True
    return _unseen(properties, on_colour=False) and _unseen(properties, on_colour=_on_colour(run))


def _unseen(properties: Any, *, on_colour: bool) -> bool:
    """Return whether character properties hide text: by name, by a tiny size, or as white on white."""
    if properties is None:
        return False
    for name in ("vanish", "webHidden", "specVanish"):
        found = properties.find(f"{W}{name}")
        if found is not None and (found.get(f"{W}val") or "1").lower() not in OFF:
            return True
    size = _value(properties, f"{W}sz") or ""
    if size.isdigit() and int(size) <= MAX_HIDDEN_HALF_POINTS:
        return True
    colour = _value(properties, f"{W}color") or ""
    return bool(_WHITE.fullmatch(colour)) and not on_colour and not _filled(properties)


def _on_colour(run: Any) -> bool:
    """Return whether a run is on a coloured paragraph or cell, or in the first row of a table with a style."""
    for above in run.iterancestors():
        if _filled(above.find(f"{W}pPr")) or _filled(above.find(f"{W}tcPr")):
            return True
        if above.tag == f"{W}tr":
            table = above.getparent()
            head = table is not None and table.find(f"{W}tr") is above
            return head and table.find(f"{W}tblPr/{W}tblStyle") is not None
    return False


def _filled(properties: Any) -> bool:
    if properties is None:
        return False
    fill = properties.find(f"{W}shd")
    colour = "" if fill is None else fill.get(f"{W}fill") or ""
    if colour and colour.lower() != "auto" and not _WHITE.fullmatch(colour):
        return True
    return (_value(properties, f"{W}highlight") or "none").lower() not in ("none", "white")


def _level(style: Any) -> int | None:
    name = (_value(style, f"{W}name") or "").lower()
    if name == "title":
        return 0
    if match := _HEADING.match(name):
        return int(match[1])
    properties = _value(style, f"{W}pPr/{W}outlineLvl")
    return int(properties) + 1 if properties and properties.isdigit() and int(properties) < 9 else None


def _is_level(level: int | None) -> bool:
    return level is not None


def _value(element: Any, path: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.get(f"{W}val")
