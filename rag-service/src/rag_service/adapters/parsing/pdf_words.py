"""Reads the visible words of a PDF's page with their places, in the order of PDFium."""

import ctypes
import math
import re
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from rag_service.adapters.parsing.pdf_calls import (
    char_matrix,
    fill_colour,
    font_of,
    font_size,
    loose_box,
    origin,
    render_mode,
    text_object,
)  # fmt: skip
from rag_service.adapters.parsing.pdf_drawing import MIN_OPACITY, WHITE, Box, Drawing, address, turned
from rag_service.adapters.parsing.pdf_ligatures import Ligatures, font_name
from rag_service.adapters.parsing.pdf_spans import spans as line_spans

HYPHEN = "\x02"
"""A hyphen at a line's end, as PDFium marks it."""
FILLED = pdfium.FPDF_TEXTRENDERMODE_FILL
INVISIBLE = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
MIN_FONT_POINTS = 1.5
"""Smaller text is invisible to readers."""
LAYER_SHARE = 0.9
SAMPLES = 24
MIN_BOLD = 600
MAX_LEAN = 0.1
"""Of the letters' direction; what leans more is a stamp or stands at the page's side."""
BULLETS = dict.fromkeys((0xF0B7, 0xF0A7, 0xF076, 0xF0D8, 0xF0FC, 0xF02D, 0xF06E, 0xF0E0), "•")
"""Signs of the fonts Symbol and Wingdings that lists begin with."""
# Reading an array of ctypes element by element takes ten times as long.
_box_of, _matrix_of, _colour_of = (struct.Struct(kinds).unpack_from for kinds in ("4f", "6f", "4I"))
_BOLD = re.compile(r"bold|black|heavy|fett", re.IGNORECASE)
_DOUBTFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffd-\uffff]")


class Word(NamedTuple):
    """A word, or its part in letters of one size, or several words that nothing but a space parts."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    base: float
    """The height of the line that its letters stand on."""
    line: int
    """The number of its line as PDFium reads the page."""
    glued: bool = False
    """There is no space between it and the word before."""
    upright: bool = True
    """It is written in the direction of most of the page."""
    strong: bool = False
    """It is bold."""
    unseen: bool = False
    """It is drawn without ink."""


class _Look(NamedTuple):
    """How a text object is drawn."""

    unseen: bool
    white: bool
    base: float
    size: float
    drawn: int
    strong: bool = False
    level: bool = True
    """Its letters stand in the direction of most of the page."""


class Words(NamedTuple):
    """The visible words of a page."""

    words: list[Word]
    hidden: int
    turned: int
    """By how many quarters of a turn the page's text leans; places are those of the page turned back."""


def read_words(page: Any, drawing: Drawing, ligatures: Ligatures) -> Words:
    """Return the visible words of a page."""
    text = page.get_textpage()
    try:
        return _Reader(text, drawing, ligatures).read()
    finally:
        text.close()


class _Reader:
    def __init__(self, text: Any, drawing: Drawing, ligatures: Ligatures) -> None:
        self._raw = text.raw
        self._handle = address(text.raw)
        self._count = text.count_chars()
        self._drawing = drawing
        self._ligatures = ligatures
        self._looks: dict[int | None, _Look] = {}
        self._fonts: dict[int | None, bool] = {}
        self._turned = self._direction()
        self._box = (ctypes.c_float * 4)()
        self._box_at = ctypes.addressof(self._box)
        self._buffer = (ctypes.c_double * 4)()
        self._numbers_at = ctypes.addressof(self._buffer)
        self._numbers = [ctypes.c_double.from_buffer(self._buffer, 8 * at) for at in range(4)]
        self._up, self._up_at = self._numbers[1], self._numbers_at + 8
        self._matrix = (ctypes.c_float * 6)()
        self._matrix_at = ctypes.addressof(self._matrix)
        self._colour = (ctypes.c_uint * 4)()
        self._colour_at = ctypes.addressof(self._colour)

    def read(self) -> Words:
        letters = self._letters()
        looks, place, is_visible = self._looks, self._place, self._is_visible
        found: list[Word] = []
        hidden = 0
        # The inner loop runs once a word, so it is written for speed.
        for line, words in enumerate(line_spans(self._handle, letters)):
            for start, end, owner in words:
                parts = ((start, end, owner),) if owner else self._parts(start, end)
                for first, to, by in parts:
                    look = looks.get(by) or self._look(by, first)
                    left, top, right, bottom = place(first)
                    if to - first > 1:
                        other_left, other_top, other_right, other_bottom = place(to - 1)
                        left = other_left if other_left < left else left
                        right = other_right if other_right > right else right
                        top = other_top if other_top > top else top
                        bottom = other_bottom if other_bottom < bottom else bottom
                    text = letters[first:to]
                    if not is_visible((left, bottom, right, top), look):
                        hidden += text.count(" ") + 1
                        continue
                    unseen, _, base, size, _, strong, level = look
                    height = top - bottom
                    upright = level and (height < 2.5 * size or len(text) < 3 or height < right - left)
                    glued = first > start
                    found.append(Word(text, left, bottom, right, top, size, base, line, glued, upright, strong, unseen))
        inkless = sum(word.text.count(" ") + 1 for word in found if word.unseen)
        # A scanned page has an invisible text layer by OCR, which is the page's text.
        if inkless and not (
            self._drawing.scanned and inkless >= LAYER_SHARE * sum(word.text.count(" ") + 1 for word in found)
        ):
            found = [word for word in found if not word.unseen]
            hidden += inkless
        return Words(found, hidden, self._turned)

    def _letters(self) -> str:
        """Return the page's letters, one for each of PDFium's, marked where they have no meaning."""
        count, raw = self._count, self._raw
        if count <= 0:
            return ""
        buffer = (ctypes.c_ushort * (count + 1))()
        got = pdfium.FPDFText_GetText(raw, 0, count, buffer)
        text = bytes(buffer)[: max(0, got - 1) * 2].decode("utf-16-le", "replace")
        if len(text) != count:
            codes = (pdfium.FPDFText_GetUnicode(raw, at) for at in range(count))
            text = "".join(
                chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd" for code in codes
            )
        if not _DOUBTFUL.search(text):
            return text.translate(BULLETS)
        return _DOUBTFUL.sub(lambda match: self._meant(match.start()), text).translate(BULLETS)

    def _meant(self, at: int) -> str:
        if pdfium.FPDFText_IsHyphen(self._raw, at) == 1:
            return HYPHEN
        if pdfium.FPDFText_IsGenerated(self._raw, at) == 1:
            return " "
        loose_box(self._handle, at, self._box_at)
        left, top, right, bottom = self._box
        width = (right - left) / (top - bottom) if top > bottom else 0.0
        return self._ligatures.mark(pdfium.FPDFText_GetTextObject(self._raw, at), width)

    def _direction(self) -> int:
        """Return the quarters of a turn, counter-clockwise, that most of the letters are written in."""
        turns = [0, 0, 0, 0]
        for at in range(0, self._count, max(1, self._count // SAMPLES)):
            angle = pdfium.FPDFText_GetCharAngle(self._raw, at)
            if angle >= 0 and pdfium.FPDFText_IsGenerated(self._raw, at) != 1:
                turns[round(angle / (math.pi / 2)) % 4] += 1
        # PDFium counts angles clockwise.
        return -turns.index(max(turns)) % 4

    def _parts(self, start: int, end: int) -> list[tuple[int, int, int | None]]:
        """Return a word's parts in letters of one size and look, with the object that draws them."""
        found = []
        owner = text_object(self._handle, start)
        before, shape = owner, self._shape(start)
        for at in range(start + 1, end):
            other = text_object(self._handle, at)
            if other == before or not other:
                continue
            before, seen = other, self._shape(at)
            most = 0.12 * shape[1]
            if (
                abs(seen[0] - shape[0]) > most
                or abs(seen[1] - shape[1]) > most
                or self._differs(owner, start, other, at)
            ):
                found.append((start, at, owner))
                start, owner, shape = at, other, seen
        return [*found, (start, end, owner)]

    def _differs(self, one: int | None, first: int, other: int, at: int) -> bool:
        seen, now = self._look(one, first), self._look(other, at)
        return seen.unseen != now.unseen or seen.white != now.white

    def _shape(self, at: int) -> tuple[float, float]:
        """Return a letter's lower edge and height."""
        loose_box(self._handle, at, self._box_at)
        return self._box[3], self._box[1] - self._box[3]

    def _look(self, owner: int | None, at: int) -> _Look:
        found = self._looks.get(owner)
        if found is None:
            origin(self._handle, at, self._numbers_at, self._up_at)
            base = self._up.value
            if self._turned:
                across = self._numbers[0].value
                base = turned((across, base, across, base), self._turned)[1]
            size = font_size(self._handle, at)
            level = True
            if char_matrix(self._handle, at, self._matrix_at):
                a, b, c, d, _, _ = _matrix_of(self._matrix)
                size *= math.hypot(c, d) or math.hypot(a, b)
                along, aside = turned((a, b, a, b), self._turned)[:2] if self._turned else (a, b)
                level = abs(aside) <= MAX_LEAN * along
            if not owner:
                return _Look(False, False, base, size, 0)
            mode = render_mode(owner)
            white = False
            if mode == FILLED:
                colours = self._colour_at
                if fill_colour(owner, colours, colours + 4, colours + 8, colours + 12):
                    red, green, blue, opacity = _colour_of(self._colour)
                    white = opacity < MIN_OPACITY or (red >= WHITE and green >= WHITE and blue >= WHITE)
            drawn = self._drawing.order.get(owner, 0) if self._drawing.order else 0
            font = font_of(owner)
            strong = self._fonts.get(font)
            if strong is None:
                strong = self._is_strong(font, at)
            found = _Look(mode in INVISIBLE, white, base, size, drawn, strong, level)
            self._looks[owner] = found
        return found

    def _is_strong(self, font: int | None, at: int) -> bool:
        raw = pdfium.FPDFTextObj_GetFont(pdfium.FPDFText_GetTextObject(self._raw, at)) if font else None
        found = bool(raw) and (pdfium.FPDFFont_GetWeight(raw) >= MIN_BOLD or bool(_BOLD.search(font_name(raw))))
        self._fonts[font] = found
        return found

    def _place(self, at: int) -> Iterable[float]:
        """Return a letter's left, top, right and lower edge, turned back."""
        if not self._turned:
            loose_box(self._handle, at, self._box_at)
            box = _box_of(self._box)
            # A letter that leans has no loose box.
            if box[1] - box[3] > 0.01:
                return box
        left, right, bottom, top = self._numbers
        if not pdfium.FPDFText_GetCharBox(self._raw, at, left, right, bottom, top):
            return 0.0, 0.0, 0.0, 0.0
        found = turned((left.value, bottom.value, right.value, top.value), self._turned)
        return found[0], found[3], found[2], found[1]

    def _is_visible(self, box: Box, look: _Look) -> bool:
        drawing = self._drawing
        if self._turned:
            box = turned(box, -self._turned % 4)
        left, bottom, right, top = drawing.page
        if look.size < MIN_FONT_POINTS or box[2] < left or box[0] > right or box[3] < bottom or box[1] > top:
            return False
        if look.white and not any(_holds(around, box) for around in (*drawing.coloured, *drawing.pictures)):
            return False
        covers = drawing.covers
        return not covers or not any(0 < look.drawn < drawn and _holds(around, box) for drawn, around in covers)


def _holds(around: Box, box: Box) -> bool:
    across, upright = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return around[0] <= across <= around[2] and around[1] <= upright <= around[3]
