"""Shapes of a Word document: their text boxes, and whether their fill is a colour."""

import re
from collections.abc import Iterator
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WPS = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
V = "{urn:schemas-microsoft-com:vml}"
PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
BOX = f"{W}txbxContent"
WHITE = re.compile(r"#?(?:F[A-F0-9]F[A-F0-9]F[A-F0-9]|fff|white)\b.*", re.IGNORECASE)
_WHITE_THEME = frozenset({"bg1", "lt1"})
_VML_SHAPES = frozenset(f"{V}{name}" for name in ("shape", "rect", "roundrect", "oval"))
_LEAVES = frozenset({f"{W}t", f"{W}pPr", f"{W}rPr"})
_NOT_READ = (
    (f"{PIC}pic", "pictures", "Pictures were not read; write what they show as text beside them."),
    (f"{V}imagedata", "pictures", "Pictures were not read; write what they show as text beside them."),
    (f"{CHART}chart", "charts", "Charts were not read; add their figures as a table."),
    (f"{DIAGRAM}relIds", "diagrams", "SmartArt diagrams were not read; write what they show as text."),
    (f"{W}object", "embedded_objects", "Embedded objects were not read; upload them as files of their own."),
)


def text_boxes(element: Any) -> Iterator[Any]:
    """Yield the text boxes of a paragraph, without the copies for old programs."""
    if next(element.iter(BOX), None) is None:
        return
    for child in element:
        if child.tag == BOX:
            yield child
        elif child.tag not in _LEAVES and isinstance(child.tag, str) and not _is_copy(child):
            yield from text_boxes(child)


def _is_copy(element: Any) -> bool:
    return element.tag == f"{MC}Fallback" and element.getparent().find(f"{MC}Choice") is not None


def is_filled(element: Any) -> bool | None:
    """Return whether a shape has a fill other than white; None for an element that is no shape."""
    if element.tag == f"{WPS}wsp":
        return _fills(element)
    if element.tag in _VML_SHAPES:
        if (element.get("filled") or "t").lower() in ("f", "false", "0"):
            return False
        colour = element.get("fillcolor") or ""
        return bool(colour) and not WHITE.fullmatch(colour)
    return None


def _fills(shape: Any) -> bool:
    properties = shape.find(f"{WPS}spPr")
    if properties is not None:
        if properties.find(f"{A}noFill") is not None:
            return False
        if any(properties.find(f"{A}{kind}") is not None for kind in ("gradFill", "blipFill", "pattFill")):
            return True
        if (fill := properties.find(f"{A}solidFill")) is not None:
            return _is_colour(fill)
    theme = shape.find(f"{WPS}style/{A}fillRef")
    return theme is not None and (theme.get("idx") or "0") != "0" and _is_colour(theme)


def _is_colour(fill: Any) -> bool:
    for colour in fill:
        value = colour.get("val") or colour.get("lastClr") or ""
        if colour.tag == f"{A}schemeClr":
            # A darkened white is grey; text in white shows on it.
            darkened = colour.find(f"{A}lumMod") is not None or colour.find(f"{A}shade") is not None
            return value not in _WHITE_THEME or darkened
        return not WHITE.fullmatch(value)
    return False


def not_read(body: Any) -> Iterator[tuple[str, str, int]]:
    """Yield what a document shows beside its text: code, reason and number."""
    for tag, code, reason in _NOT_READ:
        count = sum(1 for each in body.iter(tag) if next(each.iterancestors(f"{MC}Fallback"), None) is None)
        if count:
            yield code, reason, count
