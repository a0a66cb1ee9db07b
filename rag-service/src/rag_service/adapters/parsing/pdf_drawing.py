"""Reads what is drawn on a page of a PDF besides its letters: pictures, coloured areas and rules."""

import ctypes
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the page's lower left corner."""
Matrix = tuple[float, float, float, float, float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
WHITE = 250
MIN_OPACITY = 10
THIN_POINTS = 3.0
FORM_DEPTH = 6
MAX_OBJECTS = 20_000
MAX_PATHS = 2_000
MAX_PATH_SEGMENTS = 400
MAX_SEGMENTS = 6_000
"""Of all paths of a page whose rules are looked for; a drawing has more, a table has not."""
MAX_RULES = 3_000
MAX_COVERS = 100
SCANNED_SHARE = 0.5


@dataclass
class Drawing:
    """The pictures, areas and rules of a page, all in the page's own space."""

    page: Box
    pictures: list[Box] = field(default_factory=list)
    coloured: list[Box] = field(default_factory=list)
    """Areas on which white letters are visible."""
    rules: list[Box] = field(default_factory=list)
    """Straight thin lines and edges of areas."""
    paths: int = 0
    objects: int = 0
    texts: int = 0
    covers: list[tuple[int, Box]] = field(default_factory=list)
    """Opaque areas that are drawn after text, with their place in the order of drawing."""
    order: dict[int | None, int] = field(default_factory=dict)
    """The place of each text in the order of drawing, by address; filled where there are covers."""
    crowded: bool = False
    """There are more objects than are looked at."""

    @property
    def scanned(self) -> bool:
        """Return whether pictures cover most of the page."""
        area = max(1.0, _area(self.page))
        # A scanner may cut a page into stripes.
        return sum(_area(_shared(box, self.page)) for box in self.pictures) > SCANNED_SHARE * area


def read_drawing(page: Any) -> Drawing:
    """Return what is drawn on a page."""
    found = Drawing(page.get_bbox())
    raw = page.raw
    count = pdfium.FPDFPage_CountObjects(raw)
    reader = _Reader(found)
    reader.read(count, lambda at: pdfium.FPDFPage_GetObject(raw, at), IDENTITY, 0)
    if found.paths > MAX_PATHS or len(found.rules) > MAX_RULES:
        found.rules.clear()
    if len(found.covers) > MAX_COVERS:
        found.covers.clear()
    if found.covers:
        found.order = {address(raw): place for raw, place in reader.texts}
    return found


def address(raw: Any) -> int | None:
    """Return where an object lies in memory: the same object has several handles."""
    return ctypes.cast(raw, ctypes.c_void_p).value


def is_white(raw: Any) -> bool:
    """Return whether an object is filled with white, or with nothing."""
    colour = [ctypes.c_uint() for _ in range(4)]
    if not pdfium.FPDFPageObj_GetFillColor(raw, *colour):
        return False
    red, green, blue, opacity = (number.value for number in colour)
    return opacity < MIN_OPACITY or min(red, green, blue) >= WHITE


class _Reader:
    def __init__(self, found: Drawing) -> None:
        self._found = found
        self._segments = MAX_SEGMENTS
        self.texts: list[tuple[Any, int]] = []

    def read(self, count: int, get: Callable[[int], Any], matrix: Matrix, depth: int) -> None:
        """Add `count` objects; `matrix` leads from their space to the page's."""
        found = self._found
        for at in range(count):
            if found.objects >= MAX_OBJECTS:
                found.crowded = True
                return
            found.objects += 1
            raw = get(at)
            match pdfium.FPDFPageObj_GetType(raw):
                case pdfium.FPDF_PAGEOBJ_TEXT:
                    found.texts += 1
                    self.texts.append((raw, found.objects))
                case pdfium.FPDF_PAGEOBJ_PATH:
                    found.paths += 1
                    if found.paths <= MAX_PATHS:
                        self._add_path(raw, matrix)
                case pdfium.FPDF_PAGEOBJ_IMAGE | pdfium.FPDF_PAGEOBJ_SHADING:
                    found.pictures.append(_moved(_bounds(raw), matrix))
                case pdfium.FPDF_PAGEOBJ_FORM if depth < FORM_DEPTH:
                    inner = pdfium.FPDFFormObj_CountObjects(raw)
                    own = _times(_matrix(raw), matrix)
                    self.read(inner, lambda at, raw=raw: pdfium.FPDFFormObj_GetObject(raw, at), own, depth + 1)  # type: ignore[misc]

    def _add_path(self, raw: Any, matrix: Matrix) -> None:
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        if not pdfium.FPDFPath_GetDrawMode(raw, fill, stroke) or not (fill.value or stroke.value):
            return
        found, box = self._found, _moved(_bounds(raw), matrix)
        filled = bool(fill.value) and not is_white(raw)
        if filled:
            found.coloured.append(box)
        if self.texts and fill.value and _is_box(raw) and not pdfium.FPDFPageObj_HasTransparency(raw):
            found.covers.append((found.objects, box))
        if not (filled or stroke.value) or _area(box) > 0.8 * _area(found.page):
            return
        if box[2] - box[0] < THIN_POINTS or box[3] - box[1] < THIN_POINTS:
            found.rules.append(box)
        else:
            self._add_edges(raw, _times(_matrix(raw), matrix))

    def _add_edges(self, raw: Any, matrix: Matrix) -> None:
        count = pdfium.FPDFPath_CountSegments(raw)
        if not 2 <= count <= MAX_PATH_SEGMENTS or count > self._segments:
            return
        self._segments -= count
        across, up = ctypes.c_float(), ctypes.c_float()
        start = last = (0.0, 0.0)
        for at in range(count):
            segment = pdfium.FPDFPath_GetPathSegment(raw, at)
            pdfium.FPDFPathSegment_GetPoint(segment, across, up)
            point = _point(across.value, up.value, matrix)
            match pdfium.FPDFPathSegment_GetType(segment):
                case pdfium.FPDF_SEGMENT_MOVETO:
                    start = point
                case pdfium.FPDF_SEGMENT_LINETO:
                    self._add_rule(last, point)
            if pdfium.FPDFPathSegment_GetClose(segment):
                self._add_rule(point, start)
            last = point

    def _add_rule(self, one: tuple[float, float], other: tuple[float, float]) -> None:
        width, height = abs(one[0] - other[0]), abs(one[1] - other[1])
        if min(width, height) < 1 <= max(width, height):
            self._found.rules.append(
                (min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]))
            )


def _is_box(raw: Any) -> bool:
    """Return whether a path is one rectangle."""
    return bool(4 <= pdfium.FPDFPath_CountSegments(raw) <= 5)


def _bounds(raw: Any) -> Box:
    numbers = [ctypes.c_float() for _ in range(4)]
    pdfium.FPDFPageObj_GetBounds(raw, *numbers)
    return tuple(number.value for number in numbers)  # type: ignore[return-value]


def _matrix(raw: Any) -> Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(raw, found):
        return IDENTITY
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _point(across: float, up: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * across + c * up + e, b * across + d * up + f


def _moved(box: Box, matrix: Matrix) -> Box:
    if matrix is IDENTITY:
        return box
    corners = [_point(across, up, matrix) for across in (box[0], box[2]) for up in (box[1], box[3])]
    if not all(math.isfinite(number) for corner in corners for number in corner):
        return 0.0, 0.0, 0.0, 0.0
    lefts, ups = zip(*corners, strict=True)
    return min(lefts), min(ups), max(lefts), max(ups)


def _shared(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def turned(box: Box, quarters: int) -> Box:
    """Return a box turned back by so many quarters of a turn, about the page's lower left corner."""
    left, bottom, right, top = box
    match quarters:
        case 1:
            return bottom, -right, top, -left
        case 2:
            return -right, -top, -left, -bottom
        case 3:
            return -top, left, -bottom, right
    return box
