"""Reads one page of a PDF as visible lines with their sizes and positions."""

import ctypes
import math
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

HYPHENS = ("\x02", "\ufffe")
"""Characters that PDFium leaves where a word was hyphenated at the end of a line."""
INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
WHITE = 250
MIN_FONT_POINTS = 1.5
"""Smaller text is invisible to readers."""
THIN = 3.0
MIN_RULES = 3
SCANNED_SHARE, LAYER_SHARE = 0.5, 0.9
FORM_DEPTH = 4
MAX_OBJECTS = 20_000
MAX_PATHS = 2_000
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    """A line of text; `top` counts from the page's lower edge, in points."""

    text: str
    size: float
    left: float
    top: float


@dataclass(frozen=True)
class Page:
    """The visible content of a page."""

    lines: list[Line]
    pictured: bool
    """A picture covers most of it."""
    ruled: bool
    """Lines cross on it as in a table."""


def read_page(page: Any) -> Page:
    """Return the visible content of a page."""
    objects = _Objects(page)
    text = page.get_textpage()
    try:
        hidden = objects.hidden()
        lines = _lines(text, _without(text, hidden) if hidden else text.get_text_range())
        return Page(lines, objects.scanned, objects.ruled())
    finally:
        text.close()


class _Objects:
    """The drawing objects of a page."""

    def __init__(self, page: Any) -> None:
        self._page: Box = page.get_bbox()
        self.texts: list[tuple[Any, Box]] = []
        self.pictures: list[Box] = []
        self._paths: list[tuple[Any, Box]] = []
        for number, each in enumerate(page.get_objects(max_depth=FORM_DEPTH)):
            if number >= MAX_OBJECTS:
                break
            if each.type == pdfium.FPDF_PAGEOBJ_TEXT:
                self.texts.append((each.raw, _bounds(each.raw)))
            elif each.type == pdfium.FPDF_PAGEOBJ_PATH:
                self._paths.append((each.raw, _bounds(each.raw)))
            elif each.type in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_SHADING):
                self.pictures.append(_bounds(each.raw))

    def hidden(self) -> set[int | None]:
        """Return the addresses of invisible texts: drawn invisibly, white on white, tiny, or off the page."""
        unseen = [raw for raw, _ in self.texts if pdfium.FPDFTextObj_GetTextRenderMode(raw) in INVISIBLE]
        left, bottom, right, top = self._page
        # A scanned page has an invisible text layer by OCR, which is the page's text.
        if self.scanned and len(unseen) >= LAYER_SHARE * len(self.texts):
            unseen = []
        found = {_address(raw) for raw in unseen}
        coloured: list[Box] | None = None
        for raw, box in self.texts:
            if box[2] < left or box[0] > right or box[3] < bottom or box[1] > top or _size(raw) < MIN_FONT_POINTS:
                found.add(_address(raw))
            elif _is_white(raw):
                if coloured is None:
                    coloured = self.pictures + [box for path, box in self._paths if not _is_white(path)]
                if not any(_holds(around, box) for around in coloured):
                    found.add(_address(raw))
        return found

    @property
    def scanned(self) -> bool:
        """Return whether a picture covers most of the page."""
        area = max(1.0, (self._page[2] - self._page[0]) * (self._page[3] - self._page[1]))
        return any((box[2] - box[0]) * (box[3] - box[1]) > SCANNED_SHARE * area for box in self.pictures)

    def ruled(self) -> bool:
        """Return whether the page has a ruled table: several thin paths in each direction, but not more than
        `MAX_PATHS`."""
        if len(self._paths) > MAX_PATHS:
            return False
        across = sum(box[3] - box[1] < THIN < box[2] - box[0] for _, box in self._paths)
        upright = sum(box[2] - box[0] < THIN < box[3] - box[1] for _, box in self._paths)
        boxes = len(self._paths) - across - upright
        return (across >= MIN_RULES and upright >= MIN_RULES) or boxes >= 2 * MIN_RULES


def _address(raw: Any) -> int | None:
    return ctypes.cast(raw, ctypes.c_void_p).value


def _bounds(raw: Any) -> Box:
    numbers = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(raw, *numbers)
    return tuple(number.value for number in numbers)  # type: ignore[return-value]


def _holds(around: Box, box: Box) -> bool:
    across, upright = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return around[0] <= across <= around[2] and around[1] <= upright <= around[3]


def _is_white(raw: Any) -> bool:
    colour = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(raw, *colour):
        return False
    red, green, blue, opacity = (number.value for number in colour)
    return opacity < 10 or min(red, green, blue) >= WHITE


def _size(raw: Any) -> float:
    size = ctypes.c_float()
    matrix = pdfium.FS_MATRIX()
    if not pdfium.FPDFTextObj_GetFontSize(raw, size) or not pdfium.FPDFPageObj_GetMatrix(raw, matrix):
        return math.inf
    return abs(size.value) * max(math.hypot(matrix.c, matrix.d), math.hypot(matrix.a, matrix.b))


def _without(text: Any, hidden: set[int | None]) -> str:
    """Return a page's text without the hidden objects', letter by letter."""
    kept = []
    for at in range(text.count_chars()):
        letter = pdfium.FPDFText_GetUnicode(text, at)
        owner = _address(pdfium.FPDFText_GetTextObject(text, at))
        # Characters that PDFium inserts (spaces, line ends) belong to no object.
        if letter and letter < 0x110000 and (owner is None or owner not in hidden):
            kept.append(chr(letter))
    return "".join(kept)


def _lines(text: Any, whole: str) -> list[Line]:
    found = []
    size, box = ctypes.c_double, [ctypes.c_double() for _ in range(4)]
    matrix = pdfium.FS_MATRIX()
    at = 0
    for line in whole.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        stripped = line.strip()
        if stripped:
            at = _found(text, stripped, at)
            height, left, top = 0.0, 0.0, 0.0
            if at >= 0 and pdfium.FPDFText_GetCharBox(text, at, *box):
                left, top = box[0].value, box[3].value
                height = float(size(pdfium.FPDFText_GetFontSize(text, at)).value)
                if pdfium.FPDFText_GetMatrix(text, at, matrix):
                    height *= math.hypot(matrix.c, matrix.d)
            found.append(Line(stripped, round(height * 2) / 2, left, top))
            at = max(at, 0) + len(stripped)
    return found


def _found(text: Any, line: str, start: int) -> int:
    """Return where a line begins among the page's letters, near where it should; -1 where it isn't."""
    first = ord(line[0])
    for at in range(start, start + 400):
        if pdfium.FPDFText_GetUnicode(text, at) == first:
            return at
    return -1
