"""The styles of a Word document: headings, lists, questions, bold, hidden and white text."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from rag_service.adapters.parsing.word_shapes import WHITE, W, is_filled

OFF = ("0", "false", "off", "none")
MAX_HIDDEN_HALF_POINTS = 2
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_QUESTION_STYLE = re.compile(
    r"\b(?:faq ?)?(?:questions?|fragen?|preguntas?|domand[ae]|vra(?:ag|gen)|pytani[ea]|otázk[ay])\b", re.IGNORECASE
)
_CONTENTS_STYLE = re.compile(r"toc \d|table of figures|toc heading", re.IGNORECASE)
MAX_STYLE_CHAIN = 12
"""Maximal length of a chain of styles; a longer one is a cycle."""


class Styles:
    """A document's styles: headings, lists and hidden text."""

    def __init__(self, element: Any) -> None:
        self._styles = {style.get(f"{W}styleId"): style for style in element.iter(f"{W}style")}
        self._levels: dict[str, int | None] = {}
        self._unseen: dict[str, bool] = {}
        self._white: dict[str, bool] = {}
        self._bold: dict[str, bool] = {}
        self.hidden = 0
        """Runs that were not read because Word hides them."""

    def level(self, paragraph: Any) -> int | None:
        """Return the level of a heading, 0 for the document's title; None of a paragraph that is none."""
        own = value_of(paragraph, f"{W}pPr/{W}outlineLvl")
        if own and own.isdigit() and int(own) < 9:
            return int(own) + 1
        name = value_of(paragraph, f"{W}pPr/{W}pStyle")
        if not name:
            return None
        if name not in self._levels:
            self._levels[name] = next(filter(_is_level, map(_level, self._line(name))), None)
        return self._levels[name]

    def is_item(self, paragraph: Any) -> bool:
        """Return whether a paragraph is a list item."""
        if element_of(paragraph, f"{W}pPr/{W}numPr") is not None:
            return True
        name = value_of(paragraph, f"{W}pPr/{W}pStyle") or ""
        return any(style.find(f"{W}pPr/{W}numPr") is not None for style in self._line(name))

    def is_question(self, paragraph: Any) -> bool:
        """Return whether a paragraph has a style for questions."""
        return bool(_QUESTION_STYLE.search(self._name(paragraph)))

    def is_contents(self, paragraph: Any) -> bool:
        """Return whether a paragraph is a line of the table of contents."""
        return bool(_CONTENTS_STYLE.match(self._name(paragraph)))

    def hides(self, name: str | None) -> bool:
        """Return whether a style hides its text wherever it is."""
        if not name:
            return False
        if name not in self._unseen:
            self._unseen[name] = any(is_unseen(style.find(f"{W}rPr"), on_colour=True) for style in self._line(name))
        return self._unseen[name]

    def is_white(self, name: str | None) -> bool:
        """Return whether a style has white text without a background of its own."""
        if not name:
            return False
        if name not in self._white:
            line = list(self._line(name))
            colour = next(filter(None, (value_of(style, f"{W}rPr/{W}color") for style in line)), "")
            is_filled_style = any(has_fill(style.find(f"{W}{kind}")) for style in line for kind in ("pPr", "rPr"))
            self._white[name] = bool(WHITE.fullmatch(colour)) and not is_filled_style
        return self._white[name]

    def is_bold(self, name: str | None) -> bool:
        """Return whether a style is bold."""
        if not name:
            return False
        if name not in self._bold:
            found = (switch(style.find(f"{W}rPr"), "b") for style in self._line(name))
            self._bold[name] = next((each for each in found if each is not None), False)
        return self._bold[name]

    def chain(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield the names and elements of a style and of those it is based on."""
        for style in self._line(name):
            yield style.get(f"{W}styleId") or "", style

    def _name(self, paragraph: Any) -> str:
        style = self._styles.get(value_of(paragraph, f"{W}pPr/{W}pStyle"))
        return "" if style is None else value_of(style, f"{W}name") or ""

    def _line(self, name: str) -> Iterator[Any]:
        """Yield a style and those it is based on."""
        for _ in range(MAX_STYLE_CHAIN):
            style = self._styles.get(name)
            if style is None:
                return
            yield style
            name = value_of(style, f"{W}basedOn") or ""


def is_unseen(properties: Any, *, on_colour: bool) -> bool:
    """Return whether character properties hide text: by name, by a tiny size, or as white on white."""
    if properties is None:
        return False
    for name in ("vanish", "webHidden", "specVanish"):
        if switch(properties, name):
            return True
    size = value_of(properties, f"{W}sz") or ""
    if size.isdigit() and int(size) <= MAX_HIDDEN_HALF_POINTS:
        return True
    colour = value_of(properties, f"{W}color") or ""
    return bool(WHITE.fullmatch(colour)) and not on_colour and not has_fill(properties)


def is_on_colour(run: Any) -> bool:
    """Return whether a run is on a coloured paragraph, cell or shape, or in the first row of a table with a style."""
    for above in (run, *run.iterancestors()):
        if is_filled(above):
            return True
        if has_fill(above.find(f"{W}pPr")) or has_fill(above.find(f"{W}tcPr")):
            return True
        if above.tag == f"{W}tr":
            table = above.getparent()
            head = table is not None and table.find(f"{W}tr") is above
            return head and table.find(f"{W}tblPr/{W}tblStyle") is not None
    return False


def has_fill(properties: Any) -> bool:
    """Return whether properties give a background other than white."""
    if properties is None:
        return False
    fill = properties.find(f"{W}shd")
    colour = "" if fill is None else fill.get(f"{W}fill") or ""
    if colour and colour.lower() != "auto" and not WHITE.fullmatch(colour):
        return True
    return (value_of(properties, f"{W}highlight") or "none").lower() not in ("none", "white")


def _level(style: Any) -> int | None:
    name = (value_of(style, f"{W}name") or "").lower()
    if name == "title":
        return 0
    if match := _HEADING.match(name):
        return int(match[1])
    properties = value_of(style, f"{W}pPr/{W}outlineLvl")
    return int(properties) + 1 if properties and properties.isdigit() and int(properties) < 9 else None


def _is_level(level: int | None) -> bool:
    return level is not None


def value_of(element: Any, path: str) -> str | None:
    """Return the value of a property below an element."""
    found = element_of(element, path)
    return None if found is None else found.get(f"{W}val")


def element_of(element: Any, path: str) -> Any | None:
    """Return the element at a path, quicker than `find`, which is asked several times for each of many paragraphs."""
    for tag in _steps(path):
        element = next(element.iterchildren(tag), None)
        if element is None:
            return None
    return element


@cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(re.split(r"/(?=\{)", path))


def switch(properties: Any, name: str) -> bool | None:
    """Return whether a property is on; None where it is not set."""
    found = None if properties is None else properties.find(f"{W}{name}")
    return None if found is None else (found.get(f"{W}val") or "1").lower() not in OFF
